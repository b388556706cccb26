// Models of a canned peer: load, unload, pin, remove, download; and what could be downloaded.
import { z } from 'zod'
import { fitOf, memoryBytesOf } from '../../main/protocol/model-memory.ts'
import type { ModelStatus } from '../../main/protocol/models.ts'
import { type CatalogAnswer, catalogAnswer } from '../../main/protocol/settings.ts'
import type { Answer, Asked, Handle } from './canned-routes.ts'
import { cannedModel } from './canned-worker.ts'
import type { World } from './canned-world.ts'

const modelOrder = z.object({ modelId: z.string() })
const pinOrder = z.object({ modelId: z.string(), pinned: z.boolean() })

const gibibyte = 2 ** 30
const loadMs = 1500
const stepMs = 400
const steps = 40

export function cannedModelRoutes(world: World): [string, RegExp, Handle][] {
  const order = (name: string, handle: (world: World, workerId: string, body: unknown) => Answer) =>
    [
      'POST',
      new RegExp(`^/api/cluster/workers/([^/]+)/${name}$`),
      ({ body }: Asked, [id = '']: readonly string[]) => handle(world, id, body),
    ] satisfies [string, RegExp, Handle]
  return [
    order('load-model', load),
    order('unload-model', unload),
    order('pin-model', pin),
    order('remove-model', remove),
    [
      'GET',
      /^\/api\/catalog$/,
      () => ({ status: 200, body: catalogAnswer.parse({ models: catalog(world) }) }),
    ],
  ]
}

function load(world: World, workerId: string, body: unknown): Answer {
  const { modelId } = modelOrder.parse(body)
  const known = find(world, workerId, modelId)
  if (!known || known.state === 'absent') return get(world, workerId, modelId)
  const model = world.changeModel(workerId, modelId, { state: 'loading', reason: null })
  const memoryBytes = known.sizeBytes * 1.15
  setTimeout(() => world.changeModel(workerId, modelId, { state: 'ready', memoryBytes }), loadMs).unref()
  return { status: 202, body: { status: 'loading', model } }
}

function unload(world: World, workerId: string, body: unknown): Answer {
  const { modelId } = modelOrder.parse(body)
  const state = find(world, workerId, modelId)?.state
  if (state === 'downloading' || state === 'absent') forget(world, workerId, modelId)
  else if (!world.changeModel(workerId, modelId, { state: 'unloaded', memoryBytes: 0 }))
    return noModel(modelId)
  return { status: 202, body: { status: 'unloading' } }
}

function pin(world: World, workerId: string, body: unknown): Answer {
  const { modelId, pinned } = pinOrder.parse(body)
  const model = world.changeModel(workerId, modelId, { pinned })
  return model ? { status: 200, body: { model } } : noModel(modelId)
}

function remove(world: World, workerId: string, body: unknown): Answer {
  const { modelId } = modelOrder.parse(body)
  if (!find(world, workerId, modelId)) return noModel(modelId)
  forget(world, workerId, modelId)
  return { status: 200, body: { status: 'removed' } }
}

/** Out of the hub, or from another Mac where one has it. */
function get(world: World, workerId: string, modelId: string): Answer {
  const elsewhere = world.workers.flatMap(({ models }) => models).find(each => each.modelId === modelId)
  const entry = catalog(world).find(each => each.modelId === modelId)
  const sizeBytes = elsewhere?.sizeBytes ?? entry?.sizeBytes ?? 2 * gibibyte
  const model = cannedModel(modelId, sizeBytes / gibibyte, 'downloading', {
    copied: { bytes: 0, ofBytes: sizeBytes, ...(elsewhere ? {} : { from: 'hub' as const }) },
  })
  forget(world, workerId, modelId)
  setModels(world, workerId, models => [...models, model])
  advance(1)
  return { status: 202, body: { status: 'loading', model } }

  function advance(step: number): void {
    setTimeout(() => {
      const now = find(world, workerId, modelId)
      if (now?.state !== 'downloading' || !now.copied) return
      const copied = { ...now.copied, bytes: (sizeBytes * step) / steps }
      if (step === steps) return void load(setDown(), workerId, { modelId })
      world.changeModel(workerId, modelId, { copied })
      advance(step + 1)
    }, stepMs).unref()
  }

  function setDown(): World {
    world.changeModel(workerId, modelId, { state: 'unloaded' })
    return world
  }
}

function find(world: World, workerId: string, modelId: string): ModelStatus | null {
  const worker = world.workers.find(each => each.workerId === workerId)
  return worker?.models.find(each => each.modelId === modelId) ?? null
}

function forget(world: World, workerId: string, modelId: string): void {
  setModels(world, workerId, models => models.filter(each => each.modelId !== modelId))
}

function setModels(world: World, workerId: string, change: (models: ModelStatus[]) => ModelStatus[]): void {
  const worker = world.workers.find(each => each.workerId === workerId)
  if (worker) world.change(workerId, { models: change(worker.models) })
}

function noModel(modelId: string): Answer {
  const message = `There is no model ${modelId} on this Mac.`
  return {
    status: 404,
    body: { error: { message, type: 'invalid_request_error', param: null, code: 'model_not_found' } },
  }
}

function catalog({ workers: [own] }: World): CatalogAnswer['models'] {
  const memoryGB = own?.hardware.unifiedMemoryGB ?? 16
  return offers.map(([modelId, title, summary, sizeGB]) => ({
    modelId,
    title,
    summary,
    sizeBytes: sizeGB * gibibyte,
    memoryBytes: memoryBytesOf(sizeGB * gibibyte),
    fits: fitOf(sizeGB * gibibyte, memoryGB),
    onDisk: own?.models.some(model => model.modelId === modelId) ?? false,
  }))
}

const offers: [string, string, string, number][] = [
  [
    'mlx-community/Qwen3-30B-A3B-4bit',
    'Qwen3 30B A3B',
    'Strong at reasoning and code, and quick for its size',
    16.4,
  ],
  ['mlx-community/Qwen3-8B-4bit', 'Qwen3 8B', 'Good at reasoning, code and many languages', 4.3],
  ['mlx-community/Qwen3-14B-4bit', 'Qwen3 14B', 'A good all-rounder in many languages', 7.8],
  ['mlx-community/Llama-3.2-3B-Instruct-4bit', 'Llama 3.2 3B', 'Small and quick; everyday questions', 1.8],
  ['mlx-community/gemma-3-4b-it-4bit', 'Gemma 3 4B', 'Writes well, also other languages than English', 2.6],
  ['mlx-community/Qwen3-0.6B-4bit', 'Qwen3 0.6B', 'Tiny: for a try, and for old Macs', 0.3],
  [
    'mlx-community/Llama-3.3-70B-Instruct-4bit',
    'Llama 3.3 70B',
    'Very capable; for Macs with much memory',
    39.7,
  ],
  ['mlx-community/Qwen3-235B-A22B-4bit', 'Qwen3 235B A22B', 'For the largest Macs', 123],
]
