import { expect, test } from 'vitest'
import { isHubName, modelFilesRequest, modelOffer } from '../../main/protocol/model-files.ts'
import { catalogAnswer } from '../../main/protocol/settings.ts'
import { get } from './support/ask.ts'
import { openDoor, viewWith } from './support/open-door.ts'

async function catalogOf(options: Parameters<typeof openDoor>[0] = {}) {
  const { json } = await get(await openDoor(options), '/api/catalog')
  return catalogAnswer.parse(json).models
}

test('the catalog names what fits well first, then what is tight, then what is too large, the smallest of it first', async () => {
  const models = await catalogOf({ catalog: { memoryBudgetGB: 16, downloads: true } })
  const order = models.map(({ fits }) => fits)
  expect(order).toEqual([...order].sort((a, b) => 'wtn'.indexOf(a[0] ?? '') - 'wtn'.indexOf(b[0] ?? '')))
  expect(models[0]?.title).toBe('Gemma 4 12B')
  expect(models.find(({ fits }) => fits === 'tight')?.title).toBe('Mistral Small 24B')
  const tooLarge = models.filter(({ fits }) => fits === 'no').map(({ sizeBytes }) => sizeBytes)
  expect(tooLarge).toEqual([...tooLarge].sort((a, b) => a - b))
  expect(new Set(order)).toEqual(new Set(['well', 'tight', 'no']))
})

test('what the memory of the Mac does not hold does not fit, whatever the configuration allows', async () => {
  const models = await catalogOf({ catalog: { memoryBudgetGB: 1000, downloads: true } })
  const large = models.find(({ modelId }) => modelId.includes('70B')) // the Mac of this test has 36 GB
  expect(large?.fits).toBe('no')
})

test('the catalog says what is on the disk already, and has the starter first where that is', async () => {
  const starter = 'SmolLM2-135M-Instruct'
  const known = 'mlx-community/Llama-3.2-1B-Instruct-4bit'
  expect((await catalogOf()).some(({ modelId }) => modelId === starter)).toBe(false)

  const models = await catalogOf({ view: viewWith(starter, known) })
  expect(models[0]).toMatchObject({ modelId: starter, onDisk: true, fits: 'well' })
  expect(models.filter(({ onDisk }) => onDisk).map(({ modelId }) => modelId)).toEqual([starter, known])
})

test('where nothing may be downloaded, the catalog has only what some Mac of the mesh has', async () => {
  const known = 'mlx-community/Llama-3.2-1B-Instruct-4bit'
  const catalog = { memoryBudgetGB: 16, downloads: false }
  expect(await catalogOf({ catalog })).toEqual([])
  const models = await catalogOf({ catalog, view: viewWith(known) })
  expect(models.map(({ modelId }) => modelId)).toEqual([known])
})

test('every model of the catalog can be asked for by its name', async () => {
  const models = await catalogOf()
  expect(models.length).toBeGreaterThan(11)
  for (const { modelId } of models) {
    expect(isHubName(modelId)).toBe(true)
    expect(modelOffer.shape.modelId.safeParse(modelId).success).toBe(true)
    expect(modelFilesRequest.safeParse({ modelId }).success).toBe(true)
  }
})
