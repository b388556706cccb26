import { z } from 'zod'
import type { Clock } from '../../protocol/clock.ts'
import type { ChatMessage } from '../../protocol/inference.ts'
import { invalid } from '../errors.ts'
import type { PlanRequest } from '../generate.ts'
import type { Sequence } from '../infer.ts'
import { listOf } from '../list-of.ts'
import { checkParameters, letThrough, type NotBuilt, never } from '../parameters.ts'
import { makeParts } from '../plan.ts'
import { createAnswerShape, type Words } from './answer-shape.ts'
import { commonParameters, commonSequence, imagesOf, loadingSequence } from './parameters.ts'

const notBuilt: NotBuilt = {
  suffix: value => value === '',
  template: value => value === '',
  context: value => Array.isArray(value) && value.length === 0,
  width: never,
  height: never,
  steps: never,
}

const generateBody = z.strictObject({
  ...letThrough(notBuilt),
  ...commonParameters,
  prompt: z.string().optional(),
  system: z.string().optional(),
  images: listOf(z.string()).optional(),
  raw: z.boolean().optional(),
})

type GenerateBody = z.infer<typeof generateBody>

const words: Words = ({ content, ...more }) => ({ response: content, ...more })

/** `POST /api/generate`; without a prompt the model is only loaded. */
export function planOllamaGenerate(clock: Clock): PlanRequest {
  return (value, exchange) => {
    const body = checkParameters(generateBody, notBuilt, value)
    const isLoading = !body.prompt && !body.images?.length
    const sequence = isLoading
      ? loadingSequence(body, exchange)
      : { ...commonSequence(body, exchange), ...promptOf(body) }
    return {
      stream: body.stream !== false,
      parts: makeParts([sequence], 1, 1),
      shape: createAnswerShape({ model: body.model, words, isLoading, clock }),
    }
  }
}

/** A raw prompt is the text as it is; any other one is what a user says. Throws HttpError 400. */
function promptOf({ prompt = '', system, images, raw }: GenerateBody): Partial<Sequence> {
  if (raw) {
    for (const [name, given] of Object.entries({ system, images }))
      if (given?.length) throw invalid(name, `'${name}' has no place in a prompt that is 'raw'.`)
    return { prompt }
  }
  const pictures = imagesOf(images, 'images')
  const messages: ChatMessage[] = system ? [{ role: 'system', content: system }] : []
  messages.push({ role: 'user', content: prompt, ...(pictures.length > 0 && { images: pictures }) })
  return { messages }
}
