// Models that a canned Mac could download, and what comes of an order to load one that is not there.
import type { CatalogAnswer } from '../../main/protocol/settings.ts'
import type { Route } from './canned-routes.ts'
import { cannedModel } from './canned-worker.ts'
import type { World } from './canned-world.ts'

const gibibyte = 2 ** 30

const offers = [
  [
    'mlx-community/Llama-3.2-3B-Instruct-4bit',
    'Llama 3.2 3B',
    'Quick everyday chat and writing',
    1.8,
    'well',
  ],
  ['mlx-community/Qwen3-8B-4bit', 'Qwen3 8B', 'Good at reasoning, code and many languages', 4.3, 'well'],
  ['mlx-community/gemma-3-12b-it-4bit', 'Gemma 3 12B', 'Careful writing and long texts', 7.1, 'tight'],
  ['mlx-community/Llama-3.3-70B-Instruct-4bit', 'Llama 3.3 70B', 'For large Macs', 37.1, 'no'],
] as const

export function catalogRoutes(world: World): Route[] {
  return [
    [
      'GET',
      /^\/api\/catalog$/,
      () => {
        const onDisk = new Set(world.workers[0]?.models.map(({ modelId }) => modelId))
        const models: CatalogAnswer['models'] = offers.map(([modelId, title, summary, sizeGB, fits]) => ({
          modelId,
          title,
          summary,
          sizeBytes: sizeGB * gibibyte,
          memoryBytes: (sizeGB * 1.15 + 0.8) * gibibyte,
          fits,
          onDisk: onDisk.has(modelId),
        }))
        return { status: 200, body: { models } }
      },
    ],
  ]
}

/** Null: there is no such model to be had. */
export function beginDownload(world: World, workerId: string, modelId: string) {
  const offer = offers.find(([id]) => id === modelId)
  const worker = world.workers.find(each => each.workerId === workerId)
  if (!offer || !worker) return null
  const ofBytes = offer[3] * gibibyte
  const model = cannedModel(modelId, offer[3], 'downloading', { copied: { bytes: 0, ofBytes } })
  world.change(workerId, { models: [...worker.models, model] })
  return model
}
