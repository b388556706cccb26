import { expect, test } from 'vitest'
import { type Announcement, readTxt, writeTxt } from '../../main/fabric/advert.ts'

const us: Announcement = {
  workerId: 'abcdef0123',
  epoch: 1_700_000_000_000,
  name: 'Studio = mine',
  mesh: { meshId: 'x-1', name: 'Zu Hause' },
  routePort: 6222,
  version: '0.1.0',
  pairing: { port: 5000, invitationId: 'abc_-9' },
}

const encode = (txt: Record<string, string>) =>
  Object.entries(txt).map(([key, value]) => Buffer.from(`${key}=${value}`))

test('what one Mac says is what another one reads', () => {
  expect(readTxt(encode(writeTxt(us, '10.0.0.7')))).toEqual({ ...us, address: '10.0.0.7' })
  const alone = { ...us, mesh: null, pairing: null }
  expect(readTxt(encode(writeTxt(alone, '10.0.0.7')))).toEqual({ ...alone, address: '10.0.0.7' })
})

test('a long name is cut, and every text fits the 255 bytes that mDNS has for it', () => {
  const txt = encode(writeTxt({ ...us, name: '漢'.repeat(300) }, '10.0.0.7'))
  expect(Math.max(...txt.map(item => item.length))).toBeLessThan(256)
  expect(readTxt(txt)?.name).toBe('漢'.repeat(64))
})

test.each<[string, Record<string, string>]>([
  ['no id', { id: '' }],
  ['an id with other letters', { id: 'ABCDEF0123' }],
  ['a name that is too long', { name: 'x'.repeat(65) }],
  ['an epoch that is no number', { epoch: '1e5' }],
  ['an epoch beyond all numbers', { epoch: '9999999999999999' }],
  ['a port that is none', { route: '65536' }],
  ['a negative port', { pairPort: '-1' }],
  ['a version with spaces', { version: '1 2' }],
  ['a mesh id with other characters', { mesh: '../..' }],
])('%s is no Mac of ours', (_, wrong) => {
  expect(readTxt(encode({ ...writeTxt(us, '10.0.0.7'), ...wrong }))).toBeNull()
})

test.each([
  ['nothing', undefined],
  ['text', 'id=abcdef0123'],
  ['no bytes', [1, 2, 3]],
  ['too many entries', Array.from({ length: 33 }, () => Buffer.from('a=b'))],
  ['an entry that would change all objects', [Buffer.from('__proto__=x')]],
  ['bytes that are no text', [Buffer.alloc(200, 0xff)]],
])('%s is no advert', (_, data) => expect(readTxt(data)).toBeNull())

test('an address that is none, or a name, is not taken', () => {
  for (const addr of ['evil.example', '999.1.1.1', '::1'])
    expect(readTxt(encode(writeTxt(us, addr)))?.address).toBeNull()
})

test('a name cannot draw on a terminal', () => {
  expect(readTxt(encode(writeTxt({ ...us, name: 'a\u001b[31mb\u202ec' }, '10.0.0.7')))?.name).toBe(
    'a?[31mb?c',
  )
})
