// The one-time code of an invitation: 128 random bits as people type them. 26 digits of Crockford's base32 and two
// that check them; the check finds every single wrong digit and every pair of swapped neighbours.
import { hkdfSync, randomBytes } from 'node:crypto'
import { MeshError } from '../../protocol/errors.ts'

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeBytes = 16
const codeDigits = 26
const checkDigits = 2
/** The largest prime below 32²: no single digit, and no swap of two neighbours, can leave the rest unchanged. */
const checkModulus = 1021n

export function drawCode(): Buffer {
  return randomBytes(codeBytes)
}

/** `ABCD-EFGH-…`: seven groups of four. */
export function formatCode(code: Buffer): string {
  const value = BigInt(`0x${code.toString('hex')}`)
  const text = inBase32(value, codeDigits) + inBase32(value % checkModulus, checkDigits)
  return (text.match(/.{4}/g) ?? []).join('-')
}

/** Takes small letters, any grouping, O for 0 and I or L for 1. Throws MeshError('INVALID_REQUEST') on a typing mistake. */
export function parseCode(typed: string): Buffer {
  const text = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const stranger = [...text].find(digit => !digits.includes(digit))
  if (stranger !== undefined) throw mistyped(`"${stranger}" is in no code`)
  const expected = codeDigits + checkDigits
  if (text.length !== expected)
    throw mistyped(`it has ${text.length} letters and digits instead of ${expected}`)
  const value = fromBase32(text.slice(0, codeDigits))
  const check = fromBase32(text.slice(codeDigits))
  if (value >> BigInt(codeBytes * 8) !== 0n || value % checkModulus !== check)
    throw mistyped('a letter or digit is wrong')
  return Buffer.from(value.toString(16).padStart(codeBytes * 2, '0'), 'hex')
}

/** By this the newcomer finds the Mac that drew the code; it says nothing about the code. */
export function invitationIdOf(code: Buffer): string {
  return Buffer.from(hkdfSync('sha256', code, '', 'mlx-mesh invitation id', 16)).toString('base64url')
}

function inBase32(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest >>= 5n) text = digits.charAt(Number(rest & 31n)) + text
  return text
}

function fromBase32(text: string): bigint {
  return [...text].reduce((value, digit) => value * 32n + BigInt(digits.indexOf(digit)), 0n)
}

function mistyped(what: string): MeshError {
  const message = `The code was not typed as it is shown: ${what}. Nothing was tried with it.`
  return new MeshError('INVALID_REQUEST', message, { param: 'code' })
}
