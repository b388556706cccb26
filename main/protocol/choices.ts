// Why a Mac was chosen, as it is kept with a request and shown to people.
import { z } from 'zod'

/** Why a Mac was set aside although it has the model, the weightiest first. */
const setAside = z.enum([
  'paused',
  'model-failed',
  'failing',
  'no-memory',
  'below-tier',
  'full',
  'overloaded',
])
export type SetAside = z.infer<typeof setAside>

/** The same for people. */
export const asideWords: Readonly<Record<SetAside, string>> = {
  paused: 'its sharing is paused',
  'model-failed': 'the model failed there',
  failing: 'it failed too often lately',
  'no-memory': 'the model does not fit in its free memory',
  'below-tier': 'it is smaller than the model asks for',
  full: 'it is full',
  overloaded: 'it is overloaded',
}

/** What spoke for and against one Mac: the parts add up to `total`. Which place computes them, and how: `routing/score.ts`. */
const score = z.object({
  workerId: z.string(),
  chip: z.number(),
  gpuCores: z.number(),
  memory: z.number(),
  /** In place of the three above, once it has been measured how fast this Mac is with the model. */
  speed: z.number(),
  /** What streams that run already take of these. */
  shared: z.number(),
  idle: z.number(),
  queued: z.number(),
  modelLoaded: z.number(),
  prefix: z.number(),
  preferred: z.number(),
  priority: z.number(),
  gpuBusy: z.number(),
  total: z.number(),
  /** Null: it was in the running to the end. */
  setAside: setAside.nullable(),
})
export type Score = z.infer<typeof score>

/** `session`: the conversation was there already. `shared`: the same request was being answered there. */
const choiceStrategy = z.enum(['hardware_aware', 'least_loaded', 'round_robin', 'session', 'shared'])
export type ChoiceStrategy = z.infer<typeof choiceStrategy>

/** One choice in the life of a request: for one of its sequences, or for what was left of one. */
export const recordedChoice = z.object({
  workerId: z.string(),
  /** The Mac that had begun; null: none had. */
  from: z.string().nullable(),
  /** Milliseconds since the epoch. */
  atMs: z.number(),
  strategy: choiceStrategy,
  /** Best first, at most ten; the chosen one is among them. */
  scores: z.array(score),
})
export type RecordedChoice = z.infer<typeof recordedChoice>
