// What ships comes under licences that let it ship.
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { npmParts, otherParts, pythonParts, sitePackagesOf } from '../../scripts/dist/notices.mjs'

const root = resolve(import.meta.dirname, '..', '..')
const permissive =
  /^(MIT|MIT License|ISC|ISC License \(ISCL\)|(0|[23]-Clause )?BSD( License)?|0BSD|BSD-[23]-Clause|Apache-2\.0|Apache 2\.0 License|Apache Software License|MPL-2\.0|PSF-2\.0|Python-2\.0|CNRI-Python|CC0-1\.0|Zlib|Unlicense|BlueOak-1\.0\.0)$/

test('everything that the app carries is under a permissive licence', () => {
  const python = join(root, 'resources', 'runtime', 'python')
  const parts = [...npmParts(root), ...pythonParts(sitePackagesOf(python)), ...otherParts(root)]
  expect(parts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['zod', 'tslib', 'mlx', 'nats-server']),
  )
  const others = parts.filter(
    ({ licence }) =>
      !licence.split(/ AND | OR |, /).every(term => permissive.test(term.replace(/^\((.*)\)$/, '$1'))),
  )
  expect(others.map(({ name, licence }) => `${name}: ${licence}`)).toEqual([])
})
