import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createModelTypes } from '../../main/engine/model-types.ts'
import { pythonBinary } from '../support/runtime.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

test.each([
  ['llama', true],
  ['qwen3_moe', true],
  ['mistral', true], // served by the code of another kind
  ['bert', true],
  ['mpnet', false],
  ['', false],
])('the installed runtime says whether it can load models of the kind %s: %s', async (type, expected) => {
  expect(await createModelTypes(pythonBinary, makeTempFolder())(type)).toBe(expected)
})

test('where no runtime is installed, every kind is worth a try', async () => {
  expect(await createModelTypes(`${makeTempFolder()}/bin/python`, makeTempFolder())('bert')).toBe(true)
})

test('what the layer for images knows can be loaded as soon as it is installed', async () => {
  const layer = join(makeTempFolder(), 'vision')
  const knows = createModelTypes(pythonBinary, layer)
  expect(await knows('idefics3')).toBe(false)
  mkdirSync(join(layer, 'mlx_vlm', 'models', 'idefics3'), { recursive: true })
  writeFileSync(join(layer, 'mlx_vlm', 'models', 'idefics3', 'language.py'), '')
  expect(await knows('idefics3')).toBe(true)
  expect(await knows('..')).toBe(false)
})
