import { expect, test } from 'vitest'
import { inOrder, reachableAddress } from '../../main/membership/route-addresses.ts'

test.each([
  [['192.168.1.9'], ['192.168.1.7/24'], '192.168.1.9'],
  [['10.0.0.9', '192.168.1.9'], ['192.168.1.7/24'], '192.168.1.9'],
  [['192.168.2.9'], ['192.168.1.7/24'], null],
  [['192.168.2.9'], ['192.168.1.7/16'], '192.168.2.9'],
  [['127.0.0.1'], ['127.0.0.1/8'], '127.0.0.1'],
  [['fe80::1'], ['192.168.1.7/24'], null],
  [[], ['192.168.1.7/24'], null],
])('of a Mac at %j, one at %j asks %j', (addresses, own, expected) => {
  expect(reachableAddress(addresses, own)).toBe(expected)
})

test('routes are the same list in whatever order they became known', () => {
  const one = { host: '10.0.0.1', port: 1 }
  const other = { host: '10.0.0.2', port: 1 }
  expect(inOrder([other, one, other])).toEqual(inOrder([one, other]))
})
