import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findParts } from '../../main/config/parts.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

function makeFolders(...folders: readonly string[]): string {
  const top = makeTempFolder()
  for (const folder of folders) mkdirSync(join(top, folder), { recursive: true })
  return top
}

test('a checkout has its parts in resources, seen from the source and from the bundle', () => {
  const top = makeFolders('main/config', 'python/mlx_mesh_runtime', 'resources/runtime/app')
  const fromSource = findParts(join(top, 'main', 'config'))
  expect(fromSource.natsServer).toBe(join(top, 'resources', 'runtime', 'nats-server', 'nats-server'))
  expect(fromSource.pythonPackages).toBe(join(top, 'python'))
  expect(findParts(join(top, 'resources', 'runtime', 'app'))).toEqual(fromSource)
})

test('the packaged app has its parts around its archive', () => {
  const top = makeFolders('runtime', 'python/mlx_mesh_runtime')
  const packaged = findParts(join(top, 'app.asar', 'resources', 'runtime', 'app'))
  expect(packaged.natsServer).toBe(join(top, 'runtime', 'nats-server', 'nats-server'))
  expect(packaged.icons).toBe(join(top, 'icons'))
  expect(packaged.node).toBeNull()
})

test('a program that has been taken away from its parts says what it misses', () => {
  const top = makeFolders('elsewhere')
  expect(() => findParts(join(top, 'elsewhere'))).toThrow('mlx_mesh_runtime')
})
