// Runs one program to its end and keeps what it says. The program and all that it started die with this process, even on
// SIGKILL: a next set-up must never find the last one's npm or pip still writing.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { stopWithOwner } from '../stop-with-owner.mjs'
import { SetUpError } from './set-up-error.mjs'

/** `detached` makes the process group. */
const guardScript = stopWithOwner('kill -s KILL -- -$$')
const linesInAnError = 30

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(line: string) => void} [onLine]
 */

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<{ ok: boolean, ending: string, output: string }>} never rejects; `ending` reads "ended with …"
 */
export function runCommand(program, args, { cwd, env, onLine } = {}) {
  const child = spawn('sh', ['-c', guardScript, 'guard', program, ...args], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  /** @type {string[]} */
  const lines = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      lines.push(line)
      onLine?.(line)
    })
  }
  return new Promise(resolve => {
    child.on('error', error => resolve({ ok: false, ending: `did not start: ${error.message}`, output: '' }))
    child.on('close', (code, signal) => {
      const ending = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
      resolve({ ok: code === 0, ending, output: lines.join('\n') })
    })
  })
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Options & { remedy: string }} options
 * @returns {Promise<string>} its output; a SetUpError with the end of it when the program fails
 */
export async function mustRun(program, args, { remedy, ...options }) {
  const { ok, ending, output } = await runCommand(program, args, options)
  if (ok) return output
  const end = output.split('\n').slice(-linesInAnError)
  throw new SetUpError([`${[program, ...args].join(' ')}`, `${ending}:`, ...end].join('\n  '), remedy)
}
