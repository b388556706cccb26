import { describe, expect, test } from 'vitest'
import { checkRepository } from '../../renderer/models/repository-name.ts'
import { type Sample, sayTimeLeft, speedOf, withSample } from '../../renderer/models/transfer.ts'
import { modelLine } from '../../renderer/ui/model-name.ts'

describe('the speed of a download', () => {
  test('is told from the last seconds, and only once there were some', () => {
    const samples = [0, 1000, 2000].map(atMs => ({ atMs, bytes: atMs * 5000 }))
    expect(speedOf(samples.slice(0, 2))).toBeNull()
    expect(speedOf(samples)).toBe(5_000_000)
  })

  test('forgets what was long ago, and all of it when the download begins anew', () => {
    let samples: readonly Sample[] = []
    for (let second = 0; second < 60; second++)
      samples = withSample(samples, { atMs: second * 1000, bytes: second < 30 ? 0 : (second - 30) * 100 })
    expect(speedOf(samples)).toBe(100)
    expect(withSample(samples, { atMs: 61_000, bytes: 0 })).toHaveLength(1)
  })

  test.each([
    [100, null, null],
    [100, 0, null],
    [1000, 500, 'a few seconds left'],
    [42_000, 1000, 'about 45 s left'],
    [200_000, 1000, 'about 4 min left'],
    [2 * 3600_000, 1000, 'about 2 h 0 min left'],
    [9e9, 1, 'more than two days left'],
  ])('%d bytes at %s a second: %s', (left, speed, said) => {
    expect(sayTimeLeft(left, speed)).toBe(said)
  })
})

describe('the name of a model on Hugging Face', () => {
  test.each([
    ['mlx-community/Qwen3-4B-4bit', 'mlx-community/Qwen3-4B-4bit'],
    ['  someone/a.b_c-1 ', 'someone/a.b_c-1'],
    ['https://huggingface.co/mlx-community/Qwen3-4B-4bit/tree/main?x=1', 'mlx-community/Qwen3-4B-4bit'],
  ])('%s is understood', (typed, name) => {
    expect(checkRepository(typed)).toEqual({ name, problem: null })
  })

  test.each(['', 'model', 'a/b/c', '../etc/passwd', 'a/-b', 'a b/c', 'https://example.org/a/b'])(
    '%s is not one, and why is said',
    typed => {
      expect(checkRepository(typed).problem).toMatch(/\w+ \w+/)
    },
  )
})

test.each([
  ['mlx-community/Llama-3.2-3B-Instruct-4bit', 'Llama 3.2 3B Instruct, 4-bit'],
  ['SmolLM2-135M-Instruct', 'SmolLM2 135M Instruct'],
  ['org/Some_Model-bf16', 'Some Model, bf16'],
  ['org/4bit', '4bit'],
])('the model %s is called %s', (id, name) => {
  expect(modelLine(id)).toBe(name)
})
