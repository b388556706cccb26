import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mustRun, runCommand } from '../../scripts/setup/run-command.mjs'
import { hasEnded } from '../support/processes.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

test('a command runs in a folder with a space, with its arguments as they are', async () => {
  const folder = makeTempFolder()
  const { ok, output } = await runCommand('sh', ['-c', 'pwd; echo "$1"', 'sh', `it's "two words"`], {
    cwd: folder,
  })
  expect(ok).toBe(true)
  expect(output.split('\n')).toEqual([expect.stringContaining('mlx mesh'), `it's "two words"`])
})

test('a command that fails is quoted, with the end of what it said and what to do', async () => {
  const error = mustRun('sh', ['-c', 'echo first; echo last >&2; exit 3'], {
    remedy: 'Connect to a network.',
  })
  await expect(error).rejects.toThrow(/ended with exit code 3:[\s\S]*last/)
  await expect(error).rejects.toHaveProperty('remedy', 'Connect to a network.')
})

test('a program that is not there is a failure like any other', async () => {
  expect(await runCommand(join(makeTempFolder(), 'nothing'), [])).toMatchObject({ ok: false })
})

test('a command waits for no input', async () => {
  expect(await runCommand('cat', [])).toMatchObject({ ok: true, output: '' })
})

test('a command and what it started end with the set-up that was killed', async () => {
  const module = fileURLToPath(new URL('../../scripts/setup/run-command.mjs', import.meta.url))
  const program = `
    import { runCommand } from ${JSON.stringify(module)}
    await runCommand('sh', ['-c', 'sleep 60 & echo $!; wait'], { onLine: line => console.log(line) })
  `
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = await once(owner.stdout, 'data')
  owner.kill('SIGKILL')
  expect(await hasEnded(Number(pid), 5_000)).toBe(true)
})
