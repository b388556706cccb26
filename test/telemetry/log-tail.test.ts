import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLogTail } from '../../main/telemetry/log-tail.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const atMs = Date.UTC(2026, 5, 1, 12, 0, 0)

function line(n: number, more: object = {}): string {
  const time = new Date(atMs + n * 1000).toISOString()
  return `${JSON.stringify({ level: 'info', time, n, msg: `line ${n}`, ...more })}\n`
}

function fileOf(text: string): string {
  const file = join(makeTempFolder(), 'mesh.log')
  writeFileSync(file, text)
  return file
}

test('the end of a log is read, the oldest line first, with its details', async () => {
  const file = fileOf(line(1) + line(2) + line(3, { level: 'warn', modelId: 'tiny' }))
  expect(await readLogTail(file, 2)).toEqual([
    { timestamp: atMs + 2000, level: 'info', message: 'line 2  n=2' },
    { timestamp: atMs + 3000, level: 'warn', message: 'line 3  n=3  modelId=tiny' },
  ])
})

test('lines that quote prompts are left out, in a log for machines and in one for people', async () => {
  const secret = line(2, { msg: 'prompt', text: 'my secret\n12:00:01 info  also secret' })
  const json = await readLogTail(fileOf(line(1) + secret + line(3)), 100)
  expect(json.map(({ message }) => message)).toEqual(['line 1  n=1', 'line 3  n=3'])
  const { humanLine } = await import('../../main/telemetry/human-line.ts')
  const text = [line(1), secret, line(3)].map(each => humanLine(each.trim())).join('')
  const people = await readLogTail(fileOf(text), 100)
  expect(people.map(({ message }) => message)).toEqual(['line 1  n=1', 'line 3  n=3'])
})

test('what Python says in its own words stays on its Mac, in a log for machines and in one for people', async () => {
  const traceback = line(2, { modelId: 'tiny', text: 'ValueError: my secret', pid: 7 })
  const json = await readLogTail(fileOf(line(1) + traceback), 100)
  expect(json.map(({ message }) => message)).toEqual(['line 1  n=1', 'line 2  n=2  modelId=tiny  pid=7'])
  const { humanLine } = await import('../../main/telemetry/human-line.ts')
  const people = await readLogTail(fileOf(humanLine(traceback.trim())), 100)
  expect(people.map(({ message }) => message)).toEqual(['line 2  n=2  modelId=tiny'])
})

test('lines for people get the day from the file, also across midnight', async () => {
  const file = fileOf('23:59:58 info  before\n00:00:03 warn  after  modelId=tiny\n')
  const midnight = Date.UTC(2026, 5, 2)
  utimesSync(file, new Date(midnight + 3500), new Date(midnight + 3500))
  expect(await readLogTail(file, 100)).toEqual([
    { timestamp: midnight - 2000, level: 'info', message: 'before' },
    { timestamp: midnight + 3000, level: 'warn', message: 'after  modelId=tiny' },
  ])
})

test('of a log that was begun anew the end of the one before is read, too; half a line is left out', async () => {
  const file = fileOf(`${line(3)}{"level":"info","time":"20`)
  writeFileSync(`${file}.1`, line(1) + line(2))
  expect((await readLogTail(file, 2)).map(({ message }) => message)).toEqual(['line 2  n=2', 'line 3  n=3'])
})

test('of a very long log only the end is read', async () => {
  const file = fileOf(Array.from({ length: 20_000 }, (_, n) => line(n)).join(''))
  const read = await readLogTail(file, 1000)
  expect(read).toHaveLength(1000)
  expect(read.at(-1)?.message).toBe('line 19999  n=19999')
})

test('a damaged line costs itself alone', async () => {
  const file = fileOf(`${line(1)}{"level":"info","time":"never","msg":"x"}\n12:00:02 info  after\n`)
  utimesSync(file, new Date(atMs + 3000), new Date(atMs + 3000))
  expect((await readLogTail(file, 100)).map(({ message }) => message)).toEqual(['line 1  n=1', 'after'])
})

test('a log that is not there is an error', async () => {
  await expect(readLogTail(join(makeTempFolder(), 'none.log'), 10)).rejects.toMatchObject({ code: 'ENOENT' })
})
