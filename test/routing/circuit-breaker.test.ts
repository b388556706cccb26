import { describe, expect, test } from 'vitest'
import { CircuitBreaker, type Outcome } from '../../main/routing/circuit-breaker.ts'

function circuit() {
  const breaker = new CircuitBreaker()
  let nowMs = 1_000_000
  return {
    note: (...outcomes: Outcome[]) => {
      for (const outcome of outcomes) breaker.note('mac', 1, outcome, nowMs)
    },
    wait: (ms: number) => {
      nowMs += ms
    },
    send: () => breaker.sent('mac', 1, nowMs),
    isOpen: (epoch = 1) => breaker.isOpen('mac', epoch, nowMs),
    breaker,
  }
}

const many = (count: number, outcome: Outcome) => Array<Outcome>(count).fill(outcome)

describe('the circuit of a Mac', () => {
  test.each([
    ['nothing', [], false],
    ['two failures in a row', ['failed', 'lost'], false],
    ['three failures in a row', ['failed', 'lost', 'failed'], true],
    ['three failures with an answer in between', ['failed', 'failed', 'answered', 'failed'], false],
    ['10 % failures', [...many(18, 'answered'), 'failed', 'failed'], false],
    ['more than 10 % failures', [...many(17, 'answered'), 'failed', 'answered', 'failed', 'failed'], true],
    ['half failures, but of four requests only', ['failed', 'answered', 'failed', 'answered'], false],
  ] satisfies [string, Outcome[], boolean][])('after %s', (_, outcomes, open) => {
    const { note, isOpen } = circuit()
    note(...outcomes)
    expect(isOpen()).toBe(open)
  })

  test('forgets failures after 30 s', () => {
    const { note, wait, isOpen } = circuit()
    note(...many(8, 'answered'), 'failed')
    wait(31_000)
    note(...many(9, 'answered'), 'failed')
    expect(isOpen()).toBe(false)
    wait(20_000)
    note(...many(7, 'answered'), 'failed')
    note('answered', 'failed')
    expect(isOpen()).toBe(true)
  })

  test('is half open after 60 s: one request tries, and its answer closes it', () => {
    const { note, wait, send, isOpen } = circuit()
    note('lost', 'lost', 'lost')
    wait(59_999)
    expect(isOpen()).toBe(true)
    wait(1)
    expect(isOpen()).toBe(false)
    send()
    expect(isOpen()).toBe(true)
    note('answered')
    expect(isOpen()).toBe(false)
    note('failed', 'failed')
    expect(isOpen()).toBe(false)
  })

  test('stays open for another 60 s when the trial fails', () => {
    const { note, wait, send, isOpen } = circuit()
    note('lost', 'lost', 'lost')
    wait(60_000)
    send()
    wait(5000)
    note('failed')
    wait(59_999)
    expect(isOpen()).toBe(true)
    wait(1)
    expect(isOpen()).toBe(false)
  })

  test('is not closed by an answer that was under way when it opened', () => {
    const { note, isOpen } = circuit()
    note('lost', 'lost', 'lost', 'answered')
    expect(isOpen()).toBe(true)
  })

  test('lets another request try when nothing is heard of the trial', () => {
    const { note, wait, send, isOpen } = circuit()
    note('lost', 'lost', 'lost')
    wait(60_000)
    send()
    wait(60_000)
    expect(isOpen()).toBe(false)
  })

  test('is closed when the Mac has started anew', () => {
    const { note, isOpen } = circuit()
    note('lost', 'lost', 'lost')
    expect(isOpen()).toBe(true)
    expect(isOpen(2)).toBe(false)
  })
})
