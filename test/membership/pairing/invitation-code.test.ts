import { expect, test } from 'vitest'
import {
  drawCode,
  formatCode,
  invitationIdOf,
  parseCode,
} from '../../../main/membership/pairing/invitation-code.ts'

const code = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const shown = formatCode(code)

test('a code is shown in seven groups of four and read back', () => {
  expect(shown).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/)
  for (let n = 0; n < 100; n++) {
    const drawn = drawCode()
    expect(parseCode(formatCode(drawn))).toEqual(drawn)
  }
  for (const extreme of [Buffer.alloc(16), Buffer.alloc(16, 255)])
    expect(parseCode(formatCode(extreme))).toEqual(extreme)
})

test('small letters, other groups and letters that look like digits are understood', () => {
  expect(parseCode(` ${shown.toLowerCase().replaceAll('-', ' ')} `)).toEqual(code)
  expect(parseCode(shown.replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(code)
  expect(parseCode(shown.replaceAll('1', 'I'))).toEqual(code)
})

test('every single wrong letter is found', () => {
  const text = shown.replaceAll('-', '')
  for (let at = 0; at < text.length; at++) {
    for (const digit of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
      if (digit === text[at]) continue
      expect(() => parseCode(text.slice(0, at) + digit + text.slice(at + 1))).toThrow(
        'not typed as it is shown',
      )
    }
  }
})

test('every pair of swapped neighbours is found', () => {
  const text = formatCode(drawCode()).replaceAll('-', '')
  for (let at = 0; at + 1 < text.length; at++) {
    const [a = '', b = ''] = [text[at], text[at + 1]]
    if (a === b) continue
    expect(() => parseCode(text.slice(0, at) + b + a + text.slice(at + 2))).toThrow(
      'a letter or digit is wrong',
    )
  }
})

test.each([
  ['', 'it has 0 letters and digits instead of 28'],
  ['ABCD', 'it has 4 letters and digits instead of 28'],
  ['U'.repeat(28), '"U" is in no code'],
  ['Z'.repeat(28), 'a letter or digit is wrong'],
])('"%s" is no code, and the reason is said', (typed, reason) =>
  expect(() => parseCode(typed)).toThrow(reason),
)

test('the id of an invitation belongs to its code', () => {
  expect(invitationIdOf(code)).toMatch(/^[\w-]{22}$/)
  expect(invitationIdOf(code)).toBe(invitationIdOf(parseCode(shown)))
  expect(invitationIdOf(drawCode())).not.toBe(invitationIdOf(code))
})
