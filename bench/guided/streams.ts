import { parts } from '../../main/config/parts.ts'
import type { EngineModel, GenerateRequest } from '../../main/engine/engine.ts'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { starterModelFolder, tinyModelFolder } from '../programs/places.ts'

export interface Case {
  readonly name: string
  readonly folder: string
  /** Of each stream. */
  readonly maxTokens: number
  readonly repeats: number
}

export const cases: readonly Case[] = [
  { name: 'SmolLM2-135M-Instruct', folder: starterModelFolder, maxTokens: 24, repeats: 1 },
  { name: 'tiny', folder: tinyModelFolder, maxTokens: 128, repeats: 3 },
]

/** Tokens/s of all streams together. */
export interface Round {
  readonly free: number
  readonly guided: number
}

const streams = 16
const record = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 40 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    height: { type: 'number' },
    colour: { enum: ['red', 'green', 'blue', 'yellow'] },
    tags: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 5 },
  },
  required: ['name', 'age', 'height', 'colour', 'tags'],
  additionalProperties: false,
}
/** Longer than any stream may write. */
const format = { type: 'json_schema', schema: { type: 'array', items: record, minItems: 1_000 } } as const

export async function measureCase(one: Case, rounds: number): Promise<Round[]> {
  const model = await createMlxEngine({
    pythonBinary: parts.python,
    pythonFolder: parts.pythonPackages,
    clock: realClock,
    log: silentLog,
  }).load(
    {
      modelId: one.name,
      folder: one.folder,
      fingerprint: '',
      sizeBytes: 0,
      contextTokens: 8_192,
      createdAtMs: 0,
    },
    () => {},
    AbortSignal.timeout(60_000),
  )
  try {
    const measured: Round[] = []
    for (let round = -1; round < rounds * one.repeats; round++) {
      const result = await measureRound(model, one, round)
      // The first round warms up.
      if (round >= 0) measured.push(result)
    }
    return measured
  } finally {
    await model.close(5_000)
  }
}

async function measureRound(model: EngineModel, one: Case, round: number): Promise<Round> {
  const kinds = round % 2 === 0 ? (['free', 'guided'] as const) : (['guided', 'free'] as const)
  const speed = { free: Number.NaN, guided: Number.NaN }
  for (const kind of kinds) {
    speed[kind] = await tokensPerS(
      model,
      Array.from({ length: streams }, (_, i) => ask(one, kind, round, i)),
    )
    process.stderr.write(`${one.name}, round ${round + 1}: ${kind}, ${Math.round(speed[kind])} tokens/s\n`)
  }
  return speed
}

function ask({ maxTokens }: Case, kind: keyof Round, round: number, i: number): GenerateRequest {
  const content = `Round ${round}, ${kind} ${i}. Tell at length of many people, with every detail, as JSON.`
  return {
    messages: [{ role: 'user', content }],
    maxTokens,
    temperature: 1,
    ...(kind === 'guided' ? { format } : {}),
  }
}

/** From the moment at which the last stream has its first token to that at which the first one ends. */
async function tokensPerS(model: EngineModel, requests: readonly GenerateRequest[]): Promise<number> {
  const arrivals = await Promise.all(requests.map(request => readArrivals(model, request)))
  const from = Math.max(...arrivals.map(times => times[0] ?? Number.NaN))
  const until = Math.min(...arrivals.map(times => times.at(-1) ?? Number.NaN))
  const tokens = arrivals.flat().filter(atMs => atMs > from && atMs <= until).length
  return (1e3 * tokens) / (until - from)
}

async function readArrivals(model: EngineModel, request: GenerateRequest): Promise<number[]> {
  const arrivals: number[] = []
  for await (const event of model.generate(request)) {
    if (event.type === 'tokens') for (const _ of event.ids) arrivals.push(performance.now())
  }
  return arrivals
}
