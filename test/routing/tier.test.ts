import { expect, test } from 'vitest'
import { meetsTier, tierOf } from '../../main/routing/tier.ts'
import { laptop } from '../support/mesh-in-memory.ts'

const gb = 2 ** 30

test.each([
  ['mlx-community/Llama-3.2-1B-Instruct-4bit', '<3B'],
  ['SmolLM2-135M-Instruct', '<3B'],
  ['mlx-community/Llama-3.2-3B-Instruct-4bit', '3-7B'],
  ['Qwen2.5-7B-Instruct-4bit', '7-13B'],
  ['gemma-3-27b-it-4bit', '13-27B'],
  ['Qwen3-30B-A3B-4bit', '30B+'],
  ['Mixtral-8x7B-Instruct-v0.1', '30B+'],
  ['Llama-3.3-70B-Instruct-8bit', '30B+'],
  ['Qwen2.5-0.5B', '<3B'],
] as const)('the name of %s says that it is %s', (modelId, tier) => {
  expect(tierOf(modelId, 0)).toBe(tier)
})

test.each([
  ['Phi-4-4bit', 8 * gb, '13-27B'],
  ['mistral-small-8bit', 24 * gb, '13-27B'],
  ['own/model-bf16', 6 * gb, '3-7B'],
  ['tiny', 1 << 20, '<3B'],
  ['4bit-quantized', 100 * gb, '30B+'],
] as const)('where the name of %s says nothing, its %i bytes do: %s', (modelId, sizeBytes, tier) => {
  expect(tierOf(modelId, sizeBytes)).toBe(tier)
})

test.each([
  [18, 36, true],
  [14, 36, false],
  [18, 8, false],
  [0, 36, true],
])(
  'a Mac with %i GPU cores (0: not known) and %i GB meets 15 cores and 16 GB: %s',
  (gpuCores, unifiedMemoryGB, meets) => {
    const needs = { minGpuCores: 15, minMemoryGB: 16, preferredChips: [], preferredWorkers: [] }
    expect(meetsTier({ hardware: { ...laptop, gpuCores, unifiedMemoryGB } }, needs)).toBe(meets)
  },
)
