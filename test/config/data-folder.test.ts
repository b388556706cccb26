import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAppToken } from '../../main/config/app-token.ts'
import { dataPaths, findDataFolder, makeDataFolder } from '../../main/config/data-folder.ts'
import { keepName, readIdentity } from '../../main/config/identity.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh data '))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the data folder is where the platform keeps such things', () => {
  expect(findDataFolder({ HOME: '/Users/ann' }, 'darwin')).toBe(
    '/Users/ann/Library/Application Support/MLX Mesh',
  )
  expect(findDataFolder({ HOME: '/home/ann' }, 'linux')).toBe('/home/ann/.local/share/mlx-mesh')
  expect(findDataFolder({ HOME: '/home/ann', XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/mlx-mesh')
  expect(findDataFolder({ HOME: '/home/ann', XDG_DATA_HOME: 'data' }, 'linux')).toBe(
    '/home/ann/.local/share/mlx-mesh',
  )
  expect(findDataFolder({ HOME: '/home/ann', MLX_MESH_HOME: '/mesh' }, 'darwin')).toBe('/mesh')
})

test.each([[{}], [{ HOME: '' }], [{ HOME: '.' }]])('there is a data folder with the home %j', env => {
  expect(isAbsolute(findDataFolder(env, 'linux'))).toBe(true)
  expect(findDataFolder(env, 'linux').startsWith(process.cwd())).toBe(false)
})

test('the data folder is made for its owner alone', () => {
  const inner = join(folder, 'a', 'b')
  makeDataFolder(inner)
  expect(statSync(inner).mode & 0o777).toBe(0o700)
  makeDataFolder(inner)
})

test('a data folder that cannot be made says what to do', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => makeDataFolder(join(folder, 'file', 'x'))).toThrow(/MLX_MESH_HOME/)
})

test('a peer keeps its id over restarts, and draws a new one when the file is damaged', () => {
  const first = readIdentity(folder)
  expect(first.workerId).toMatch(/^[a-z0-9]{10}$/)
  expect(readIdentity(folder)).toEqual(first)
  writeFileSync(dataPaths(folder).identityFile, '{"workerId": "x')
  const second = readIdentity(folder)
  expect(second).not.toEqual(first)
  expect(JSON.parse(readFileSync(dataPaths(folder).identityFile, 'utf8'))).toEqual(second)
})

test('a Mac keeps the name that its owner gives it, and its id', () => {
  const { workerId } = readIdentity(folder)
  keepName(folder, 'Workshop')
  expect(readIdentity(folder)).toEqual({ workerId, name: 'Workshop' })
})

test("the app's token is drawn once, for its owner alone, and again when it is damaged", () => {
  const token = readAppToken(folder)
  expect(token.length).toBe(43)
  expect(readAppToken(folder)).toBe(token)
  const file = dataPaths(folder).appTokenFile
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, '\n')
  expect(readAppToken(folder)).not.toBe(token)
})
