import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { hasEnded, isAlive } from '../support/processes.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const repository = new URL('../..', import.meta.url)

/** Starts a program through a function of run-node24, in a process of its own; waits until the program has said its process id. */
async function startThrough(
  program: string,
  run = 'runNode24',
): Promise<{ parent: ChildProcess; pid: number }> {
  const file = join(makeTempFolder(), 'program.mjs')
  writeFileSync(file, `${program}\nconsole.log(process.pid)\nsetInterval(() => {}, 1000)`)
  const module = new URL('scripts/run-node24.mjs', repository)
  const launcher = `import { ${run} } from '${module}'\n${run}(process.execPath, [${JSON.stringify(file)}])`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', launcher], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [pid] = await once(parent.stdout, 'data')
  onTestFinished(() => {
    if (isAlive(Number(pid))) process.kill(Number(pid), 'SIGKILL')
  })
  return { parent, pid: Number(pid) }
}

test('a signal reaches the program, and its exit code comes back', async () => {
  const { parent } = await startThrough(`process.on('SIGTERM', () => process.exit(7))`)
  parent.kill('SIGTERM')
  expect(await once(parent, 'exit')).toEqual([7, null])
})

test('a program that a signal ended is reported as ended by that signal', async () => {
  const { parent, pid } = await startThrough('')
  process.kill(pid, 'SIGKILL')
  expect(await once(parent, 'exit')).toEqual([null, 'SIGKILL'])
})

test('a program learns that the process which started it was killed', async () => {
  const { parent, pid } = await startThrough(
    `if (process.env.MLX_MESH_PARENT === '1') process.on('disconnect', () => process.exit(0))`,
  )
  parent.kill('SIGKILL')
  expect(await hasEnded(pid, 5_000)).toBe(true)
})

test('a watched program ends with the process that started the watch, killed as it is', async () => {
  const { parent, pid } = await startThrough('', 'watchNode24')
  parent.kill('SIGKILL')
  expect(await hasEnded(pid, 5_000)).toBe(true)
})

test('mlx-mesh in a checkout that was never set up says what to do', async () => {
  const checkout = makeTempFolder()
  for (const part of ['bin', 'scripts'])
    cpSync(new URL(part, repository), join(checkout, part), { recursive: true })
  const error = promisify(execFile)(process.execPath, [join(checkout, 'bin', 'mlx-mesh.mjs'), 'status'])
  await expect(error).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('run `npm start` once'),
  })
})
