// Meshes to look at: `npm run dev:views` opens them, and the tests of the page use them.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { cannedModel, cannedWorker, offline } from './canned-worker.ts'

const starter = 'SmolLM2-135M-Instruct'
const llama = 'mlx-community/Llama-3.2-3B-Instruct-4bit'
const qwen = 'mlx-community/Qwen3-30B-A3B-4bit'

const gibibyte = 2 ** 30

const alone = cannedWorker({
  id: 'mac-1',
  name: 'Desk',
  chip: 'pro',
  models: [cannedModel(starter, 0.1, 'ready')],
})

const three: DashboardWorker[] = [
  cannedWorker({
    id: 'mac-1',
    name: 'Desk',
    chip: 'pro',
    models: [cannedModel(starter, 0.1, 'unloaded'), cannedModel(llama, 1.8, 'ready', { pinned: true })],
  }),
  cannedWorker({
    id: 'mac-2',
    name: 'Studio',
    chip: 'studio',
    models: [
      cannedModel(starter, 0.1, 'unloaded'),
      cannedModel(llama, 1.8, 'ready'),
      cannedModel(qwen, 16.4, 'ready'),
    ],
  }),
  cannedWorker({
    id: 'mac-3',
    name: 'Kitchen laptop',
    chip: 'air',
    models: [
      cannedModel(starter, 0.1, 'ready'),
      cannedModel(llama, 1.8, 'downloading', { copied: { bytes: 0.7 * gibibyte, ofBytes: 1.8 * gibibyte } }),
    ],
    change: { sharing: { state: 'paused', reason: 'on battery', untilMs: null } },
  }),
]

const ten = Array.from({ length: 10 }, (_, i) =>
  cannedWorker({
    id: `mac-${i + 1}`,
    name: `Rack mini ${i + 1}`,
    chip: 'mini',
    models: [
      cannedModel(starter, 0.1, 'unloaded'),
      cannedModel(i % 2 ? llama : qwen, i % 2 ? 1.8 : 16.4, 'ready'),
    ],
  }),
)

const [desk, studio, kitchen] = three
const failing =
  desk && studio && kitchen
    ? [
        desk,
        offline(studio),
        {
          ...kitchen,
          status: 'degraded' as const,
          models: [
            cannedModel(llama, 1.8, 'failed', {
              reason: 'Its process ended three times in a row: out of memory.',
            }),
          ],
        },
      ]
    : []

export const cannedMeshes = {
  /** This Mac runs nothing, and nobody else is there. */
  empty: [],
  one: [alone],
  three,
  ten,
  failing,
} satisfies Record<string, readonly DashboardWorker[]>
