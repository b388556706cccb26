import { expect, test } from 'vitest'
import { createRedact, type Known } from '../../main/doctor/without-names.ts'

const known: Known = {
  secrets: ['s3cret-of-the-mesh'],
  macs: ["Anna's MacBook", 'Studio.local', 'Studio'],
  meshes: ['Home'],
  users: ['anna'],
  paths: [
    ['/Users/anna/Library/MLX Mesh', '<data folder>'],
    ['/Users/anna', '~'],
  ],
}

test.each([
  ['the secret is s3cret-of-the-mesh.', 'the secret is ********.'],
  ["Anna's MacBook joined Home", 'mac-1 joined mesh-1'],
  ['studio.local and STUDIO are one, Studios is not', 'mac-2 and mac-2 are one, Studios is not'],
  [
    '/Users/anna/Library/MLX Mesh/logs, /Users/anna/x, /Users/annabel',
    '<data folder>/logs, ~/x, /Users/annabel',
  ],
  ['user anna, banana', 'user owner, banana'],
  ['10.0.0.7 asked 10.0.0.8, 10.0.0.7 answered', 'ip-1 asked ip-2, ip-1 answered'],
  [
    'at http://127.0.0.1:8080 and [::1]:80, version 1.2.3, 12:04:05',
    'at http://127.0.0.1:8080 and [::1]:80, version 1.2.3, 12:04:05',
  ],
  ['fe80::1c2d:3e4f on a0:b1:c2:d3:e4:f5', 'ip-1 on **:**:**:**:**:**'],
  ['printer.local', 'host-1.local'],
])('%s', (text, expected) => {
  expect(createRedact(known)(text)).toBe(expected)
})

test('the same thing has the same word in every place, also as the name of a field', () => {
  const redact = createRedact(known)
  expect(redact({ Studio: ['10.1.1.1'], n: 1, none: null })).toEqual({ 'mac-2': ['ip-1'], n: 1, none: null })
  expect(redact(['10.1.1.2', { at: '10.1.1.1' }])).toEqual(['ip-2', { at: 'ip-1' }])
})
