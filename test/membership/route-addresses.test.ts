import { expect, test } from 'vitest'
import { inOrder, reachableAddress } from '../../main/membership/route-addresses.ts'

const home = { address: '192.168.1.7', netmask: '255.255.255.0' }

test.each([
  [['192.168.1.9'], home, '192.168.1.9'],
  [['10.0.0.9', '192.168.1.9'], home, '192.168.1.9'],
  [['192.168.2.9'], home, null],
  [['192.168.2.9'], { ...home, netmask: '255.255.0.0' }, '192.168.2.9'],
  [['127.0.0.1'], { address: '127.0.0.1', netmask: '255.0.0.0' }, '127.0.0.1'],
  [['fe80::1', 'studio.local'], home, null],
  [[], home, null],
])('of a Mac at %j, one at %j asks %j', (addresses, own, expected) => {
  expect(reachableAddress(addresses, [own])).toBe(expected)
})

test('routes are the same list in whatever order they became known', () => {
  const one = { host: '10.0.0.1', port: 1 }
  const other = { host: '10.0.0.2', port: 1 }
  expect(inOrder([other, one, other])).toEqual(inOrder([one, other]))
})
