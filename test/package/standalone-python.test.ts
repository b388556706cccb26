// The Python inside the app for a Mac, as far as it can be made anywhere: which wheels are chosen, what is kept of the
// Python that is downloaded, and that nothing without its hash gets in.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  keepOnly,
  refuseOwnPath,
  standalonePython,
  unpackPython,
} from '../../scripts/dist/standalone-python.mjs'
import { makeTempFolder } from '../support/temp-folder.ts'

const root = resolve(import.meta.dirname, '..', '..')
const python = join(root, 'resources', 'runtime', 'python', 'bin', 'python')

describe('the Python of the app', () => {
  test('gets the wheels of a Mac, each with its hashes, whichever system packs it', () => {
    const chosen = chooseWheels()
    expect(chosen).toMatch(/^mlx==0\.32\.4 \\$/m)
    expect(chosen).toMatch(/^mlx-metal==0\.32\.4 \\$/m)
    expect(chosen).not.toContain('mlx-cpu')
    expect(chosen).not.toContain(';')
    const [packages, names] = [chosen.split(/\n(?=\S)/), chosen.match(/^[\w.-]+(?===)/gm) ?? []]
    expect(new Set(names).size).toBe(packages.length)
    for (const entry of packages) expect(entry).toContain('--hash=sha256:')
  })

  test('is refused when it is not the one that was chosen', async () => {
    const folder = makeTempFolder()
    const url = pathToFileURL(makeArchive(folder)).href
    const sha256 = '0'.repeat(64)
    await expect(unpackPython({ version: '3.13.18', url, sha256 }, folder)).rejects.toThrow(
      `instead of ${sha256}`,
    )
    expect(readdirSync(folder)).not.toContain('bin')
  })

  test('is left with what an app needs of it, under both of its names', async () => {
    const folder = makeTempFolder()
    const archive = makeArchive(folder)
    const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex')
    const target = join(folder, 'target')
    mkdirSync(target)
    await unpackPython({ version: '3.13.18', url: pathToFileURL(archive).href, sha256 }, target)
    keepOnly(target, 'python3.13')
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(
      [
        'bin',
        'bin/python',
        'bin/python3',
        'bin/python3.13',
        'lib',
        'lib/python3.13',
        'lib/python3.13/os.py',
      ].sort(),
    )
    expect(readlinkSync(join(target, 'bin', 'python'))).toBe('python3.13')
  })

  test('is refused when it remembers where it was made', async () => {
    const folder = makeTempFolder()
    writeFileSync(join(folder, 'script'), '#!/usr/bin/python3')
    await refuseOwnPath(folder)
    writeFileSync(join(folder, 'script'), `#!${folder}/bin/python3`)
    await expect(refuseOwnPath(folder)).rejects.toThrow(join(folder, 'script'))
  })

  test('is made anew when its version or a wheel changes', () => {
    const other = { version: '3.13.1', url: 'file:///other', sha256: '0' }
    const [inputs, changed] = [standalonePython(root), standalonePython(root, other)].map(step =>
      step.inputs(),
    )
    expect(changed).not.toEqual(inputs)
  })
})

function chooseWheels(): string {
  const [chooser, lock] = ['wheels_for_mac.py', 'requirements.txt'].map(name => join(root, 'python', name))
  return execFileSync(python, ['-I', chooser ?? '', lock ?? '', '3.13.18'], { encoding: 'utf8' }).trim()
}

/** In the shape of a python-build-standalone archive. */
function makeArchive(folder: string): string {
  const files = [
    'bin/python3.13',
    'bin/pip3',
    'bin/python3.13-config',
    'include/Python.h',
    'lib/libtcl9.0.dylib',
    'lib/tcl9.0/init.tcl',
    'lib/pkgconfig/python3.pc',
    'lib/python3.13/os.py',
    'lib/python3.13/idlelib/idle.py',
    'lib/python3.13/site-packages/pip/__init__.py',
    'share/man/python.1',
  ].map(file => join(folder, 'python', file))
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
  }
  const archive = join(folder, 'python.tar.gz')
  execFileSync('tar', ['-czf', archive, '-C', folder, 'python'])
  return archive
}
