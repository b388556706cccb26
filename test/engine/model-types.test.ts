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
  expect(await createModelTypes(pythonBinary)(type)).toBe(expected)
})

test('where no runtime is installed, every kind is worth a try', async () => {
  expect(await createModelTypes(`${makeTempFolder()}/bin/python`)('bert')).toBe(true)
})
