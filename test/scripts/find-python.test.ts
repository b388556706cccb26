import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPython } from '../../scripts/setup/find-python.mjs'
import { makeTempFolder } from '../support/temp-folder.ts'

/** A PATH with nothing but a shell and these programs, which answer as given. */
function pathWith(programs: Record<string, { prints?: string; exitCode?: number }>) {
  const folder = makeTempFolder()
  for (const tool of ['sh', 'cat']) symlinkSync(`/bin/${tool}`, join(folder, tool))
  for (const [name, { prints = '', exitCode = 0 }] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${prints}'\nexit ${exitCode}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return { PATH: folder }
}

test('a shim of a version that is not installed is passed over', async () => {
  const env = pathWith({
    'python3.13': { exitCode: 127 },
    'python3.11': { prints: '3 11 /usr/bin/python3.11' },
  })
  expect(await findPython(env)).toBe('python3.11')
})

test('a plain python3 does when it is new enough', async () => {
  expect(await findPython(pathWith({ python3: { prints: '3 12 /usr/bin/python3' } }))).toBe('python3')
})

test('a Python that is too old is named, with its version and what to do', async () => {
  const error = findPython(pathWith({ python3: { prints: '3 9 /usr/bin/python3' } }))
  await expect(error).rejects.toThrow('python3 is version 3.9')
  await expect(error).rejects.toHaveProperty('remedy', expect.stringContaining('pip3 install uv'))
})

test('a Debian Python without venv is answered with the package that is missing', async () => {
  const error = findPython(pathWith({ python3: { prints: '3 11 /usr/bin/python3', exitCode: 1 } }))
  await expect(error).rejects.toHaveProperty('remedy', expect.stringContaining('apt install python3.11-venv'))
})

test('MLX_MESH_PYTHON is used, and never silently replaced when it is wrong', async () => {
  const env = pathWith({
    python3: { prints: '3 12 /x' },
    mine: { prints: '3 10 /x' },
    old: { prints: '3 8 /x' },
  })
  expect(await findPython({ ...env, MLX_MESH_PYTHON: 'mine' })).toBe('mine')
  await expect(findPython({ ...env, MLX_MESH_PYTHON: 'old' })).rejects.toThrow(
    'MLX_MESH_PYTHON is old, which is version 3.8',
  )
})

test('uv brings a Python where there is none', async () => {
  const env = pathWith({ uv: { prints: '/managed/bin/python3.12' } })
  expect(await findPython(env)).toBe('/managed/bin/python3.12')
})
