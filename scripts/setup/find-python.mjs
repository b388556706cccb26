// Finds a Python that the locked packages exist for, and says precisely what is wrong with those that it rejects.
import { mustRun, runCommand } from './run-command.mjs'
import { SetUpError } from './set-up-error.mjs'

/** Best first: what the packages are tested with most, then the rest. */
const candidates = ['python3.13', 'python3.12', 'python3.11', 'python3.14', 'python3.10', 'python3']
const oldest = 10
const newest = 14
const uvVersion = '3.12'

const question = `
import sys
print(sys.version_info[0], sys.version_info[1], sys.executable)
import ensurepip, venv
print("can make environments")
`

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} the command to run it with
 */
export async function findPython(env = process.env) {
  const chosen = env['MLX_MESH_PYTHON']
  if (chosen) {
    const fault = await faultOf(chosen, env)
    if (!fault) return chosen
    throw new SetUpError(
      `MLX_MESH_PYTHON is ${chosen}, which ${fault}.`,
      `Set it to a Python ${range()}, or unset it.`,
    )
  }
  /** @type {string[]} */
  const faults = []
  for (const command of candidates) {
    const fault = await faultOf(command, env)
    if (!fault) return command
    faults.push(`${command} ${fault}`)
  }
  const fromUv = await pythonFromUv(env)
  if (fromUv) return fromUv
  throw new SetUpError([`No usable Python ${range()} was found:`, ...faults].join('\n  '), remedyFor(faults))
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
async function faultOf(command, env) {
  const { ok, output } = await runCommand(command, ['-I', '-c', question], { env })
  const version = /^(\d+) (\d+) /m.exec(output)
  // The shims of version managers exist for versions that are not installed.
  if (!version) return 'is not there or does not start'
  const [major, minor] = [Number(version[1]), Number(version[2])]
  if (major !== 3 || minor < oldest || minor > newest) return `is version ${major}.${minor}`
  return ok ? undefined : `(${major}.${minor}) lacks the modules venv and ensurepip`
}

/** @param {NodeJS.ProcessEnv} env */
async function pythonFromUv(env) {
  if (!(await runCommand('uv', ['--version'], { env })).ok) return undefined
  const remedy = 'Read what uv says above, or install Python yourself and run this again.'
  await mustRun('uv', ['python', 'install', uvVersion], { env, remedy })
  const found = await mustRun('uv', ['python', 'find', '--managed-python', uvVersion], { env, remedy })
  return found.trim().split('\n').at(-1)
}

/** @param {string[]} faults */
function remedyFor(faults) {
  const lacking = /(3\.\d+)\) lacks/.exec(faults.join('\n'))
  if (lacking) return `Run \`sudo apt install python${lacking[1]}-venv\`, then this again.`
  if (process.platform === 'darwin')
    return 'Run `brew install python@3.12` or `pip3 install uv`, then this again.'
  return 'Run `sudo apt install python3 python3-venv` (or `pip3 install uv`), then this again.'
}

function range() {
  return `from 3.${oldest} to 3.${newest}`
}
