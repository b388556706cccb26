import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { installLayer, layerAt, removeLayer } from '../../main/cli/vision-layer.ts'
import { pythonBinary } from '../support/runtime.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { runCommand } from './fake-terminal.ts'

/** pip finds nothing but what lies in the folder. */
function offline(packages: string) {
  const { PATH = '', HOME = '' } = process.env
  return {
    PATH,
    HOME,
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: pathToFileURL(packages).href,
    PIP_CONFIG_FILE: '/dev/null',
  }
}

/** A wheel with these files, and its line in a lock. */
function wheel(
  folder: string,
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): string {
  const info = `${name}-${version}.dist-info`
  const metadata = {
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  }
  const entries = Object.entries({ ...files, ...metadata }).map(([path, text]) => [path, strToU8(text)])
  const zip = zipSync(Object.fromEntries(entries))
  writeFileSync(join(folder, `${name}-${version}-py3-none-any.whl`), zip)
  return `${name}==${version} --hash=sha256:${createHash('sha256').update(zip).digest('hex')}\n`
}

function makeLayer({ works = true } = {}) {
  const packages = makeTempFolder()
  const lines = [
    wheel(packages, 'mlx_vlm', '9.9', {
      'mlx_vlm/__init__.py': '',
      'mlx_vlm/utils.py': works ? '' : 'import nothing_like_it',
    }),
    wheel(packages, 'pillow', '1.0', { 'PIL/__init__.py': '', 'PIL/Image.py': '' }),
  ]
  const lockFile = join(packages, 'lock.txt')
  writeFileSync(lockFile, lines.join(''))
  const folder = join(makeTempFolder(), 'vision')
  return { layer: { folder, python: pythonBinary, lockFile, env: offline(packages) }, lockFile }
}

test('the layer is installed, tried out, renewed and removed', async () => {
  const { layer, lockFile } = makeLayer()
  expect(layerAt(layer)).toEqual({ state: 'absent', version: null })
  const told: string[] = []
  await installLayer(layer, line => told.push(line))
  expect(layerAt(layer)).toEqual({ state: 'installed', version: '9.9' })
  expect(told.join('\n')).toContain('Installing collected packages')
  writeFileSync(lockFile, '\n', { flag: 'a' })
  expect(layerAt(layer).state).toBe('outdated')
  await installLayer(layer, () => {})
  expect(layerAt(layer).state).toBe('installed')
  removeLayer(layer)
  expect(existsSync(layer.folder)).toBe(false)
  removeLayer(layer)
})

test('what cannot be had, is not what the lock says, or does not run leaves everything as it was', async () => {
  const { layer, lockFile } = makeLayer()
  await installLayer(layer, () => {})
  const before = layerAt(layer)
  const broken = makeLayer({ works: false }).layer
  await expect(installLayer({ ...broken, folder: layer.folder }, () => {})).rejects.toThrow('does not run')
  const nowhere = { ...layer, env: offline(makeTempFolder()) }
  await expect(installLayer(nowhere, () => {})).rejects.toThrow(
    /Without a network: connect.*Nothing was changed/s,
  )
  writeFileSync(lockFile, 'pillow==1.0 --hash=sha256:' + '0'.repeat(64))
  await expect(installLayer(layer, () => {})).rejects.toThrow('pip could not install')
  expect(layerAt(layer)).toEqual({ ...before, state: 'outdated' })
  expect(readdirSync(join(layer.folder, '..'))).toEqual(['vision'])
})

test('what a killed install has left behind is cleared away by the next one', async () => {
  const { layer } = makeLayer()
  mkdirSync(`${layer.folder}.999999999.tmp`)
  await installLayer(layer, () => {})
  expect(readdirSync(join(layer.folder, '..'))).toEqual(['vision'])
})

test('the command says what is there, and where the network is missing', async () => {
  const home = makeTempFolder()
  const run = (...argv: string[]) => runCommand(['vision', ...argv], { home, env: offline(makeTempFolder()) })
  expect(await run('status')).toMatchObject({ code: 0, output: expect.stringContaining('is not installed') })
  expect(await run('install')).toMatchObject({
    code: 1,
    notes: expect.stringContaining('pip could not install the vision layer'),
  })
  expect(JSON.parse((await run('status', '--json')).output)).toMatchObject({ state: 'absent' })
  expect((await run('remove')).code).toBe(0)
  expect((await run('instal')).code).toBe(2)
  expect((await run()).code).toBe(2)
})
