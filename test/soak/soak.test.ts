import { describe, expect, test } from 'vitest'
import type { Answer } from '../machines/ask.ts'
import { Random } from '../support/random.ts'
import { judge } from './clients.ts'
import { chooseFault } from './faults.ts'
import type { Mac } from './mac.ts'
import { soak } from './soak.ts'

describe('a soak', () => {
  test('loses nothing on loopback, too, where peers are killed and restarted', async () => {
    const bad: string[] = []
    const tally = await soak({
      minutes: 0.2,
      seed: 4,
      peers: 3,
      machines: false,
      onFault: () => {},
      onBad: ({ verdict, answer }) => bad.push(`${verdict}: ${answer.reason}`),
    })
    expect(bad).toEqual([])
    expect(tally.count('right')).toBeGreaterThan(5)
    expect([...tally.faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  }, 90_000)

  test('does the same harm again with the same seed', () => {
    const macs = [macOf(1), macOf(2), macOf(3)]
    const faults = (seed: number) => {
      const random = new Random(seed)
      return Array.from({ length: 20 }, () => {
        const { name, mac, lastsMs } = chooseFault(random, macs)
        return `${name} ${mac.number} ${lastsMs}`
      })
    }
    expect(faults(7)).toEqual(faults(7))
    expect(faults(7)).not.toEqual(faults(8))
    expect(new Set(faults(7)).size).toBeGreaterThan(10)
  })

  test.each([
    ['right', { end: 'complete', text: 'a b ', tokens: 2 }, false],
    ['wrong', { end: 'complete', text: 'a c ', tokens: 2 }, false],
    ['wrong', { end: 'complete', text: 'a ', tokens: 1 }, false],
    ['error', { end: 'failed', text: 'a ', tokens: 0 }, false],
    ['wrong', { end: 'failed', text: 'c ', tokens: 0 }, false],
    ['lost', { end: 'broken', text: 'a ', tokens: 0 }, false],
    ['away', { end: 'broken', text: 'a ', tokens: 0 }, true],
  ] as const)('calls an answer %s (%j)', (verdict, answer, wasAway) => {
    expect(judge(answerOf(answer), 'a b ', 2, wasAway)).toBe(verdict)
  })
})

function macOf(number: number): Mac {
  const unused = () => {
    throw new Error('this Mac exists by its number only')
  }
  const away = () => Promise.reject(new Error('not here'))
  return {
    number,
    machine: null,
    workerId: `mac${number}`,
    peer: unused,
    isUp: () => true,
    absences: () => 0,
    away,
    startAgain: away,
  }
}

function answerOf(said: Pick<Answer, 'end' | 'text' | 'tokens'>): Answer {
  return { ...said, reason: '', workerId: '', askedAtMs: 0, arrivedAtMs: [], endedAtMs: 0 }
}
