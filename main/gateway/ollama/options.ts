// Ollama's `options`: how is drawn, and how it would run a model there.
import { z } from 'zod'
import { invalid } from '../errors.ts'
import type { Sequence } from '../infer.ts'
import { listOf } from '../list-of.ts'
import { maxWhole } from '../parameters.ts'

/** How Ollama lays a model out in memory and computes it: a Mac decides that itself, and it changes no answer. */
const ofTheMachine = Object.fromEntries(
  [
    ...[
      'num_ctx',
      'num_keep',
      'num_batch',
      'num_gpu',
      'main_gpu',
      'num_thread',
      'numa',
      'low_vram',
      'f16_kv',
    ],
    ...['use_mmap', 'use_mlock', 'logits_all', 'mirostat_tau', 'mirostat_eta'],
  ].map(name => [name, z.unknown().optional()]),
)

const notHere = 'this way of drawing is not supported here'
const whole = z.number().int().max(maxWhole)
const penalty = z.number().min(-2).max(2).nullish()

export const options = z.strictObject({
  ...ofTheMachine,
  temperature: z.number().min(0).max(2).nullish(),
  top_k: whole.nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  num_predict: whole.nullish(),
  stop: listOf(z.string().min(1).max(1024), { max: 16 }).nullish(),
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  presence_penalty: penalty,
  frequency_penalty: penalty,
  typical_p: z.literal(1, notHere).nullish(),
  tfs_z: z.literal(1, notHere).nullish(),
  mirostat: z.literal(0, notHere).nullish(),
  penalize_newline: z.literal(true, notHere).nullish(),
  repeat_last_n: whole.nullish(),
  vocab_only: z.literal(false, 'a model is loaded whole').nullish(),
  embedding_only: z.literal(false, 'a model is loaded whole').nullish(),
})

type Options = z.infer<typeof options>

/** Whatever is not above zero stands for "no limit" there, and a seed below zero for "none". Throws HttpError 400. */
export function samplingOf(given: Options = {}): Partial<Sequence> {
  refuseShortMemory(given)
  return {
    temperature: given.temperature ?? undefined,
    topK: given.top_k == null ? undefined : Math.max(0, given.top_k),
    topP: given.top_p ?? undefined,
    minP: given.min_p ?? undefined,
    seed: given.seed != null && given.seed >= 0 ? given.seed : undefined,
    maxTokens: given.num_predict != null && given.num_predict > 0 ? given.num_predict : undefined,
    fitContext: true,
    stop: given.stop ?? undefined,
    repetitionPenalty: given.repeat_penalty ?? undefined,
    presencePenalty: given.presence_penalty ?? undefined,
    frequencyPenalty: given.frequency_penalty ?? undefined,
  }
}

/** Throws HttpError 400 for a penalty that looks at a part of the text only. */
function refuseShortMemory({ repeat_last_n: lastN, repeat_penalty: penalty }: Options): void {
  if (lastN == null || lastN === -1 || penalty == null || penalty === 1) return
  const message =
    "'options.repeat_last_n' is not supported here yet: 'repeat_penalty' looks at the whole text (-1)."
  throw invalid('options.repeat_last_n', message, 'unsupported_parameter')
}
