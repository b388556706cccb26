import { expect, test } from 'vitest'
import { hostAndPort, parseNatsUrl } from '../../main/fabric/nats-address.ts'

test.each([
  ['nats://10.0.0.7', { host: '10.0.0.7', port: 4222 }],
  ['nats://hub.example:5000', { host: 'hub.example', port: 5000 }],
  ['nats://me:p%40ss@[fd00::1]:5000', { host: 'fd00::1', port: 5000, user: 'me', password: 'p@ss' }],
])('the address %s names a server', (text, address) => {
  expect(parseNatsUrl(text)).toEqual(address)
})

test.each(['hub.example', 'http://hub.example', 'nats://', ''])('"%s" is no address of a server', text => {
  expect(() => parseNatsUrl(text)).toThrow(/is no address such as nats:\/\/host:4222/)
})

test.each([
  ['http://me:hunter2@hub.example', 'http://********@hub.example'],
  ['me:hunter2@hub:4222', '********@hub:4222'],
])('a password in what is no address is not repeated: %s', (text, shown) => {
  expect(() => parseNatsUrl(text)).toThrow(`nats.server_url: "${shown}"`)
})

test('an IPv6 address is written in brackets', () => {
  expect(hostAndPort({ host: 'fd00::1', port: 4222 })).toBe('[fd00::1]:4222')
  expect(hostAndPort({ host: '10.0.0.7', port: 4222 })).toBe('10.0.0.7:4222')
})
