// An embedding model is more than one folder: what says how to pool lies in a folder of its own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCatalog } from '../../main/engine/catalog.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { openWorld, writeModel } from './copy-world.ts'

function writeEmbeddingModel(models: string, pooling: string): void {
  writeModel(models, 'embedder', 1000)
  writeFileSync(join(models, 'embedder', 'modules.json'), '[]')
  mkdirSync(join(models, 'embedder', '1_Pooling'))
  writeFileSync(join(models, 'embedder', '1_Pooling', 'config.json'), pooling)
  mkdirSync(join(models, 'embedder', 'onnx'))
  writeFileSync(join(models, 'embedder', 'onnx', 'model.onnx'), 'of no use here')
}

test('is copied with the folders of its modules, and works there as an embedding model', async () => {
  const world = await openWorld()
  const giver = makeTempFolder()
  writeEmbeddingModel(giver, '{"pooling_mode_mean_tokens": true}')
  await world.startMac('giver', { folder: giver })
  const taker = await world.startMac('taker')
  await world.load(taker, 'embedder')
  const status = await world.until(taker, 'embedder', each => each?.state === 'ready')
  expect(status?.kind).toBe('embedding')
  const copied = join(taker.models, 'embedder')
  expect(readFileSync(join(copied, '1_Pooling', 'config.json'), 'utf8')).toContain('mean_tokens')
  expect(() => readFileSync(join(copied, 'onnx', 'model.onnx'))).toThrow('ENOENT')
})

test('is another model when it pools in another way', async () => {
  const prints = []
  for (const pooling of ['{"pooling_mode_mean_tokens": true}', '{"pooling_mode_cls_token": true}']) {
    const models = makeTempFolder()
    writeEmbeddingModel(models, pooling)
    const catalog = createCatalog([models])
    await catalog.rescan()
    prints.push(catalog.models.get('embedder')?.fingerprint)
  }
  expect(prints[0]).not.toBe(prints[1])
})

test.each([
  { title: 'an encoder without modules', config: '{"model_type": "xlm-roberta"}', kind: 'embedding' },
  { title: 'a model of text', config: '{"model_type": "llama"}', kind: undefined },
])('$title is told by its config.json', async ({ config, kind }) => {
  const models = makeTempFolder()
  writeModel(models, 'one', 1000)
  writeFileSync(join(models, 'one', 'config.json'), config)
  const catalog = createCatalog([models])
  await catalog.rescan()
  expect(catalog.models.get('one')?.kind).toBe(kind)
})
