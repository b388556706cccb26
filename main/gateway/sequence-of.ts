import type { z } from 'zod'
import type { Exchange } from './exchange.ts'
import type { Sequence } from './infer.ts'
import type { samplingParameters } from './parameters.ts'

type Sampling = z.infer<z.ZodObject<typeof samplingParameters>>

/** What both kinds of body ask for in the same words; prompt, length and log probabilities are the caller's. */
export function sequenceOf(body: Sampling, { req, requestId }: Exchange): Sequence {
  const header = req.headers['x-session-id']
  return {
    modelId: body.model,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    minP: body.min_p,
    seed: body.seed,
    stop: typeof body.stop === 'string' ? [body.stop] : body.stop,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    repetitionPenalty: body.repetition_penalty,
    logitBias: body.logit_bias,
    sessionId: body.session_id ?? (typeof header === 'string' && header !== '' ? header : undefined),
    traceId: requestId,
  }
}
