import { describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../main/telemetry/request-record.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { makeChoice, makeRecord, makeScore } from '../telemetry/records.ts'
import { startFakePeer } from './fake-peer.ts'
import { runCommand } from './fake-terminal.ts'

async function why(records: readonly RequestRecord[], ...args: string[]) {
  const peer = await startFakePeer()
  peer.records.push(...records)
  return runCommand(['why', ...args, '--url', peer.url], { home: makeTempFolder() })
}

const time = new Date(1_800_000_000_000).toTimeString().slice(0, 8)
const rival = makeScore({
  workerId: 'mac2',
  speed: 60.26,
  chip: 0,
  gpuCores: 0,
  memory: 0,
  idle: 5,
  total: 105.26,
})

describe('why', () => {
  test('shows who was considered, the parts of each score, and who took it', async () => {
    const choice = makeChoice({ scores: [makeScore(), { ...rival, setAside: 'overloaded' }] })
    const { code, output } = await why([makeRecord({ requestId: 'r1', choices: [choice] })], 'r1')
    expect(code).toBe(0)
    expect(output.split('\n')).toEqual([
      'r1: tiny, completed after 1.1 s',
      '',
      `${time}  studio.local: it had the most points`,
      '   MAC           POINTS',
      '*  studio.local  138     chip 30, GPU cores 9, memory 9, idle 50, model loaded 30, priority 10',
      '   mac2          105.3   set aside: it is overloaded; measured speed 60.3, idle 5, model loaded 30, priority 10',
      '',
    ])
  })

  test('shows to whom a request was handed over', async () => {
    const choices = [makeChoice({ workerId: 'mac2' }), makeChoice({ from: 'mac2', strategy: 'session' })]
    const { output } = await why([makeRecord({ choices })], 'g1.1')
    expect(output).toContain(`\n${time}  mac2: it had the most points\n`)
    expect(output).toContain(
      `\n${time}  mac2 handed over to studio.local: the conversation was there already\n`,
    )
  })

  test('does not take the Macs of several answers for a hand-over', async () => {
    const choices = [makeChoice({ workerId: 'mac2' }), makeChoice(), makeChoice({ from: 'mac1' })]
    const { output } = await why([makeRecord({ choices })], 'g1.1')
    expect(output).not.toContain('handed over')
    expect(output.match(/ {2}studio\.local: it had the most points/g)).toHaveLength(2)
  })

  test('means the latest request when none is named', async () => {
    const records = [makeRecord({ requestId: 'latest', choices: [] }), makeRecord({ requestId: 'before' })]
    const { output } = await why(records)
    expect(output).toBe('latest: tiny, completed after 1.1 s\n\nNo Mac took it.\n')
  })

  test('says how a request ended, and that another release kept no reasons', async () => {
    const { output } = await why([makeRecord({ status: 'failed', errorCode: 'NO_WORKER' })])
    expect(output).toContain('failed (NO_WORKER)')
    expect(output).toContain('another release answered it')
  })

  test('--json is the record', async () => {
    const record = makeRecord({ choices: [makeChoice()] })
    expect(JSON.parse((await why([record], '--json')).output)).toEqual(record)
  })

  test.each([
    [[], [], 1, 'no request to this Mac has ended yet'],
    [[], ['r9'], 1, 'there is nothing here'],
    [[], ['r1', 'r2'], 2, 'expected the id of one request'],
  ])('of nothing is an error: %j %j', async (records, args, expected, message) => {
    const { code, notes } = await why(records, ...args)
    expect(code).toBe(expected)
    expect(notes).toContain(message)
  })
})
