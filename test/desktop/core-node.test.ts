import { expect, test } from 'vitest'
import { findCoreNode } from '../../main/desktop/core-node.ts'

const named = { MLX_MESH_CORE_NODE: '/opt/node' }

test('the core runs in the app itself where Electron is new enough', () => {
  expect(findCoreNode({ env: {}, nodeVersion: '24.1.0', checkoutNode: '/checkout/node' })).toBeNull()
  expect(findCoreNode({ env: {}, nodeVersion: '24.1.0', checkoutNode: null })).toBeNull()
})

test('an older Electron takes the Node.js of the checkout', () => {
  expect(findCoreNode({ env: {}, nodeVersion: '16.17.1', checkoutNode: '/checkout/node' })).toBe(
    '/checkout/node',
  )
})

test('a developer may name another Node.js', () => {
  expect(findCoreNode({ env: named, nodeVersion: '24.1.0', checkoutNode: '/checkout/node' })).toBe(
    '/opt/node',
  )
  expect(findCoreNode({ env: named, nodeVersion: '16.17.1', checkoutNode: null })).toBe('/opt/node')
})

test('the app that users have starts no program that its environment names', () => {
  expect(findCoreNode({ env: named, nodeVersion: '24.1.0', checkoutNode: null })).toBeNull()
})

test('an older Electron without any other Node.js says what it needs', () => {
  expect(() => findCoreNode({ env: {}, nodeVersion: '16.17.1', checkoutNode: null })).toThrow(
    'MLX_MESH_CORE_NODE',
  )
})
