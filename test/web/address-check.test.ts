import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { isHostInside, isInside, lookupOutside, refuseInside } from '../../main/web/address-check.ts'

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.0.1', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['0.0.0.0', true],
  ['18.155.192.4', false],
  ['::1', true],
  ['::', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['::ffff:10.0.0.1', true],
  ['64:ff9b::a00:1', true],
  ['2002:a00:1::', true],
  ['198.18.0.1', true],
  ['::ffff:18.155.192.4', false],
  ['2600:9000:2000::1', false],
])('%s is inside a private network: %s', (address, expected) => {
  expect(isInside(address)).toBe(expected)
})

test('a redirect to an address inside is refused, however it is written', () => {
  const urls = [
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://10.0.0.1:80/',
  ]
  for (const url of urls) expect(() => refuseInside(new URL(url).hostname)).toThrow('private network')
  expect(() => refuseInside('cdn.example.org')).not.toThrow()
})

test('a name that stands for an address inside is refused when it is connected to', async () => {
  const look = (all: boolean) =>
    new Promise<string | LookupAddress[]>((resolve, reject) =>
      lookupOutside('localhost', { all }, (error, address) => (error ? reject(error) : resolve(address))),
    )
  await expect(look(true)).rejects.toThrow('private network')
  await expect(look(false)).rejects.toThrow('private network')
})

test('an endpoint inside is known as such, by its address and by its name', async () => {
  expect(await isHostInside('[::1]')).toBe(true)
  expect(await isHostInside('localhost')).toBe(true)
  expect(await isHostInside('18.155.192.4')).toBe(false)
})
