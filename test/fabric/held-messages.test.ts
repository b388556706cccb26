import { expect, test } from 'vitest'
import { holdMessages } from '../../main/fabric/held-messages.ts'
import { ManualClock } from '../support/manual-clock.ts'

const oneMegabyte = Buffer.alloc(1024 * 1024)

test('messages wait for 5 seconds and are released once, in order', () => {
  const clock = new ManualClock()
  const held = holdMessages(clock)
  held.hold('a', oneMegabyte, undefined)
  clock.advance(3_000)
  held.hold('b', oneMegabyte, 'answers')
  held.hold('c', oneMegabyte, undefined)
  clock.advance(3_000)
  expect(released(held)).toEqual(['b answers', 'c'])
  expect(released(held)).toEqual([])
})

test('what exceeds the room for waiting messages is lost, and room comes back', () => {
  const held = holdMessages(new ManualClock())
  for (const subject of ['a', 'b', 'c', 'too much']) held.hold(subject, oneMegabyte, undefined)
  held.hold('small', Buffer.from('x'), undefined)
  expect(released(held)).toEqual(['a', 'b', 'c', 'small'])
  held.hold('again', oneMegabyte, undefined)
  expect(released(held)).toEqual(['again'])
})

function released(held: ReturnType<typeof holdMessages>): string[] {
  const subjects: string[] = []
  held.release((subject, _data, reply) =>
    subjects.push(reply === undefined ? subject : `${subject} ${reply}`),
  )
  return subjects
}
