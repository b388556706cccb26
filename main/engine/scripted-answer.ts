// The text of one scripted answer. Each word follows from the one before it and the seed, so that an answer which is
// begun again behind "prompt + words so far" goes on as the first one would have.
import { MeshError } from '../protocol/errors.ts'
import type { FinishReason, TokenLogprob } from '../protocol/inference.ts'
import type { EngineEvent, GenerateRequest } from './engine.ts'
import { type Speech, speechOf } from './scripted-speech.ts'
import { StopText } from './stop-text.ts'

const onsets = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'y', 'z']
const rhymes = [
  'a',
  'e',
  'i',
  'o',
  'u',
  'an',
  'el',
  'im',
  'on',
  'ur',
  'ash',
  'est',
  'ing',
  'ora',
  'umi',
  'ato',
]

/** 256 tokens, each a word and the space behind it. */
const vocabulary: readonly string[] = onsets.flatMap(onset => rhymes.map(rhyme => `${onset}${rhyme} `))
const idOfWord = new Map(vocabulary.map((word, id) => [word.trimEnd(), id]))

export class ScriptedAnswer {
  readonly #request: GenerateRequest
  readonly #promptTokens: number
  readonly #maxTokens: number
  readonly #increment: number
  readonly #stops: StopText | null
  readonly #speech: Speech
  #previousId: number
  #made: number
  #finish: FinishReason | null = null

  constructor(request: GenerateRequest, contextTokens: number, answerTokens: number) {
    const prompt = promptIds(request)
    const wanted = request.maxTokens ?? 1
    const room = contextTokens - prompt.length
    if (room < (request.fitContext ? Math.min(wanted, 1) : wanted)) {
      throw new MeshError(
        'CONTEXT_LENGTH_EXCEEDED',
        `This model's maximum context length is ${contextTokens} tokens, but the request asks for ${prompt.length} of the prompt and ${wanted} of the completion.`,
        { param: request.messages ? 'messages' : 'prompt' },
      )
    }
    this.#request = request
    this.#promptTokens = prompt.length
    this.#speech = speechOf(request)
    this.#maxTokens = Math.min(request.maxTokens ?? answerTokens, room)
    const told = request.resume?.ids ?? []
    if (told.length > this.#maxTokens) {
      const message = `resume has ${told.length} tokens, but the answer may have ${this.#maxTokens}`
      throw new MeshError('INVALID_REQUEST', message, { param: 'resume' })
    }
    this.#previousId = told.at(-1) ?? prompt.at(-1) ?? 0
    this.#made = told.length
    this.#increment = 2 * seedOf(request) + 1
    this.#stops = request.stop && request.stop.length > 0 ? new StopText(request.stop) : null
    for (const id of told) this.#stops?.push(vocabulary[id] ?? '', false)
    if (told.length === this.#speech.words) this.#finish = this.#speech.finish
    if (this.#stops?.matched) this.#finish = 'stop'
  }

  get ended(): boolean {
    return this.#finish !== null
  }

  *beginning(): Generator<EngineEvent> {
    yield { type: 'started', promptTokens: this.#promptTokens, cachedTokens: 0 }
    if (this.#request.echo && !this.#request.resume)
      yield { type: 'echo', text: promptText(this.#request), logprobs: null }
  }

  /** One step: its token, and the end when it is the last one. */
  *next(): Generator<EngineEvent> {
    if (this.#made < this.#maxTokens && !this.#finish) yield this.#token()
    if (this.#made < this.#maxTokens && !this.#finish) return
    const wasLimited = this.#request.maxTokens !== undefined
    this.#finish ??= wasLimited ? 'length' : 'stop'
    const stop = this.#stops?.matched ?? undefined
    yield { type: 'done', finishReason: this.#finish, completionTokens: this.#made, ...(stop && { stop }) }
  }

  #token(): EngineEvent {
    // Hull and Dobell: the period is all 256 tokens, because the increment is odd and 5 − 1 is a multiple of 4.
    const id = (5 * this.#previousId + this.#increment) & 0xff
    this.#previousId = id
    this.#made += 1
    const word = vocabulary[id] ?? ''
    const isLast = this.#made === this.#maxTokens
    const said = this.#speech.say(this.#made, word)
    if (this.#made === this.#speech.words) this.#finish = this.#speech.finish
    const text = this.#stops && !said.pieces ? this.#stops.push(said.text, isLast) : said.text
    if (this.#stops?.matched) this.#finish = 'stop'
    const { pieces } = said
    return { type: 'tokens', text, pieces, ids: [id], logprobs: logprobsOf(word, this.#request.logprobs) }
  }
}

function promptIds(request: GenerateRequest): readonly number[] {
  if ((request.prompt === undefined) === !request.messages?.length) {
    throw new MeshError('INVALID_REQUEST', 'Give either messages or a prompt.', { param: 'prompt' })
  }
  if (typeof request.prompt === 'object') return request.prompt
  return promptText(request).split(/\s+/).filter(Boolean).map(wordId)
}

function promptText(request: GenerateRequest): string {
  const { prompt, messages } = request
  if (typeof prompt === 'object') return prompt.map(id => vocabulary[id & 0xff]).join('')
  return (
    prompt ?? messages?.map(({ content, images = [] }) => [content, ...images].join('\n')).join('\n') ?? ''
  )
}

function wordId(word: string): number {
  const known = idOfWord.get(word)
  if (known !== undefined) return known
  let sum = 0
  for (let i = 0; i < word.length; i++) sum = (sum * 31 + word.charCodeAt(i)) & 0xff
  return sum
}

/** As in a real model, greedy answers do not depend on the seed, and unseeded ones differ. */
function seedOf(request: GenerateRequest): number {
  if (request.temperature === 0) return 1
  return request.seed ?? Math.floor(Math.random() * 128)
}

function logprobsOf(word: string, alternatives: number | undefined): readonly TokenLogprob[] | null {
  if (alternatives === undefined) return null
  const others = [word, ...vocabulary].slice(0, alternatives)
  return [[word, bytesOf(word), -0.1, others.map((text, i) => [text, bytesOf(text), -0.1 - i])]]
}

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)]
}
