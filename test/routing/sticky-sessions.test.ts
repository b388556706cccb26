import { expect, test } from 'vitest'
import { StickySessions } from '../../main/routing/sticky-sessions.ts'

test('a conversation stays where it is until nothing is heard of it for its time to live', () => {
  const sessions = new StickySessions(1000)
  sessions.keep('chat', 'a', 0)
  expect(sessions.find('chat', 1000)).toBe('a')
  expect(sessions.find('chat', 1001)).toBeNull()
  sessions.keep('chat', 'a', 900)
  expect(sessions.find('chat', 1900)).toBe('a')
})

test('a conversation follows the Mac that took over', () => {
  const sessions = new StickySessions(1000)
  sessions.keep('chat', 'a', 0)
  sessions.keep('chat', 'b', 10)
  expect(sessions.find('chat', 20)).toBe('b')
})

test('of too many conversations those are forgotten that have been quiet for longest', () => {
  const sessions = new StickySessions(1_000_000)
  for (let i = 0; i < 10_000; i++) sessions.keep(`chat${i}`, 'a', i)
  sessions.keep('chat0', 'a', 10_000)
  sessions.keep('one more', 'a', 10_001)
  expect(['chat0', 'chat1', 'chat2', 'one more'].map(id => sessions.find(id, 10_002))).toEqual([
    'a',
    null,
    'a',
    'a',
  ])
})
