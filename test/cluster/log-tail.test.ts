import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askForLog, giveLog } from '../../main/cluster/log-tail.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

function openMacs(text: string, before = '') {
  const file = join(makeTempFolder(), 'mesh.log')
  if (text !== '') writeFileSync(file, text)
  if (before !== '') writeFileSync(`${file}.1`, before)
  const exchange = createMemoryExchange()
  giveLog({ bus: exchange.join(), workerId: 'mac2', file, log: silentLog })
  return exchange.join()
}

function line(msg: string, more: object = {}): string {
  return `${JSON.stringify({ level: 'info', time: '2026-06-01T12:00:00.000Z', msg, ...more })}\n`
}

test('the log of another Mac is read from here', async () => {
  const bus = openMacs(line('one') + line('two'))
  const timestamp = Date.UTC(2026, 5, 1, 12)
  expect(await askForLog(bus, 'mac2', 1)).toEqual({ lines: [{ timestamp, level: 'info', message: 'two' }] })
})

test('of a log that is too long for a message the latest lines come', async () => {
  // Two files of half a megabyte each, and quotes that take more room on their way.
  const bulky = (n: number) => line(`${n}`, { list: Array(290).fill('') })
  const numbers = (from: number) => Array.from({ length: 500 }, (_, i) => bulky(from + i)).join('')
  const bus = openMacs(numbers(500), numbers(0))
  const { lines } = await askForLog(bus, 'mac2', 1000)
  expect(lines.length).toBeGreaterThan(500)
  expect(lines.length).toBeLessThan(900)
  expect(lines.at(-1)?.message).toMatch(/^999 /)
})

test('a Mac that does not answer, or has no log, is an error for a reader', async () => {
  const bus = openMacs('')
  await expect(askForLog(bus, 'mac3', 10)).rejects.toMatchObject({
    code: 'NO_WORKER',
    message: expect.stringContaining('not connected'),
  })
  await expect(askForLog(bus, 'mac2', 10)).rejects.toThrow('its log cannot be read')
})
