import { expect, test } from 'vitest'
import { z } from 'zod'
import { drawKeyPair, openSession } from '../../../main/membership/pairing/secrets.ts'

const note = z.object({ text: z.string() })

function openBoth() {
  const [a, b] = [drawKeyPair(), drawKeyPair()]
  const shared = { code: null, transcript: ['said'] }
  return {
    inviter: openSession({ ...shared, role: 'inviter', own: a, theirs: b.publicKey }),
    joiner: openSession({ ...shared, role: 'joiner', own: b, theirs: a.publicKey }),
  }
}

test('what one end seals the other one opens, in its order', () => {
  const { inviter, joiner } = openBoth()
  const boxes = ['one', 'two'].map(text => inviter.seal({ text }))
  expect(boxes.map(box => joiner.open(box, note).text)).toEqual(['one', 'two'])
})

test('a note that comes twice does not open again, and the same note is sealed differently each time', () => {
  const { inviter, joiner } = openBoth()
  const box = inviter.seal({ text: 'once' })
  joiner.open(box, note)
  expect(() => joiner.open(box, note)).toThrow('interfered')
  expect(inviter.seal({ text: 'once' })).not.toBe(box)
})

test('notes out of order do not open', () => {
  const { inviter, joiner } = openBoth()
  inviter.seal({ text: 'lost' })
  expect(() => joiner.open(inviter.seal({ text: 'next' }), note)).toThrow('interfered')
})

test('a box with a shortened tag does not open', () => {
  const { inviter, joiner } = openBoth()
  const box = Buffer.from(inviter.seal({ text: 'x' }), 'base64url')
  expect(() => joiner.open(box.subarray(0, -8).toString('base64url'), note)).toThrow('interfered')
})
