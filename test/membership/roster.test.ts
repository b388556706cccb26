import { describe, expect, test } from 'vitest'
import {
  type Member,
  membersOf,
  merge,
  needsNewSecret,
  type Roster,
  withMember,
  withoutMember,
  withSecret,
} from '../../main/membership/roster.ts'

const empty: Roster = { secret: { value: 's'.repeat(43), changedAtMs: 0 }, entries: [] }

function mac(workerId: string, name = workerId): Member {
  return { workerId: workerId.padEnd(10, '0'), name, key: 'a'.repeat(64) }
}

function names(roster: Roster): string[] {
  return membersOf(roster).map(member => member.name)
}

describe('copies of a roster', () => {
  test('become equal, whatever was changed where and in which order they meet', () => {
    const start = withMember(withMember(empty, mac('a'), 1), mac('b'), 2)
    const one = withMember(withoutMember(start, mac('b').workerId, 10), mac('c'), 11)
    const other = withMember(withSecret(start, 't'.repeat(43), 12), { ...mac('a'), name: 'studio' }, 13)
    expect(merge(one, other)).toEqual(merge(other, one))
    expect(merge(merge(one, other), one)).toEqual(merge(one, other))
    expect(names(merge(one, other))).toEqual(['studio', 'c'])
    expect(merge(one, other).secret.value).toBe('t'.repeat(43))
  })

  test('agree on one of two changes of the same moment', () => {
    const one = withSecret(empty, 'x'.repeat(43), 5)
    const other = withSecret(empty, 'y'.repeat(43), 5)
    expect(merge(one, other)).toEqual(merge(other, one))
  })

  test('take a change as later than what it changes, also from a clock that is behind', () => {
    const start = withMember(empty, mac('a'), 1000)
    const removed = withoutMember(start, mac('a').workerId, 10)
    expect(names(merge(start, removed))).toEqual([])
    const back = withMember(removed, mac('a'), 20)
    expect(names(merge(removed, back))).toEqual(['a'])
  })
})

test('a name is given once: the second Mac of that name gets a number', () => {
  const roster = withMember(
    withMember(withMember(empty, mac('a', 'Mac'), 1), mac('b', 'Mac'), 2),
    mac('c', 'Mac'),
    3,
  )
  expect(names(roster)).toEqual(['Mac', 'Mac (2)', 'Mac (3)'])
  expect(names(withMember(roster, mac('a', 'Mac'), 4))).toEqual(['Mac', 'Mac (2)', 'Mac (3)'])
})

test('the secret is to be changed as long as it is older than the last removal', () => {
  const start = withMember(withMember(empty, mac('a'), 1), mac('b'), 2)
  expect(needsNewSecret(start)).toBe(false)
  const removed = withoutMember(start, mac('b').workerId, 3)
  expect(needsNewSecret(removed)).toBe(true)
  expect(needsNewSecret(withSecret(removed, 't'.repeat(43), 0))).toBe(false)
})
