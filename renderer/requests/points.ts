// What speaks for a Mac and against it, gathered into few names. Pure.
import type { RecordedChoice, Score } from '../../main/protocol/choices.ts'

export type Part = Exclude<keyof Score, 'workerId' | 'total' | 'setAside'>

export interface PointGroup {
  readonly id: string
  readonly name: string
  readonly colour: string
  readonly parts: readonly Part[]
}

export const pointGroups: readonly PointGroup[] = [
  {
    id: 'speed',
    name: 'How fast it is',
    colour: 'var(--points-speed)',
    parts: ['speed', 'chip', 'gpuCores', 'memory'],
  },
  { id: 'idle', name: 'Has time', colour: 'var(--points-idle)', parts: ['idle'] },
  { id: 'loaded', name: 'Has the model loaded', colour: 'var(--points-loaded)', parts: ['modelLoaded'] },
  { id: 'prefix', name: 'Knows the beginning', colour: 'var(--points-prefix)', parts: ['prefix'] },
  {
    id: 'preferred',
    name: 'Is preferred',
    colour: 'var(--points-preferred)',
    parts: ['preferred', 'priority'],
  },
  {
    id: 'busy',
    name: 'Busy with others',
    colour: 'var(--points-busy)',
    parts: ['shared', 'queued', 'gpuBusy'],
  },
]

export const partNames: Readonly<Record<Part, string>> = {
  speed: 'Measured speed with this model',
  chip: 'Chip',
  gpuCores: 'GPU cores',
  memory: 'Memory',
  shared: 'Shared with running requests',
  idle: 'Few requests running',
  queued: 'Requests waiting there',
  modelLoaded: 'Model loaded',
  prefix: 'Has read the beginning before',
  preferred: 'Preferred for models of this size',
  priority: 'Priority set by its owner',
  gpuBusy: 'GPU busy',
}

export const strategyWords: Readonly<Record<RecordedChoice['strategy'], string>> = {
  hardware_aware: 'it had the most points of those that could take it',
  least_loaded: 'it was the one with the least to do',
  round_robin: 'it was its turn',
  session: 'the conversation was there already',
  shared: 'it was answering the same request already',
}

/** Smaller ones are not worth a word. */
export const leastPoints = 0.05

export function groupPoints(score: Score, { parts }: PointGroup): number {
  return parts.reduce((sum, part) => sum + score[part], 0)
}

export interface Scale {
  /** Of the whole width, left of the zero line. */
  readonly zeroPercent: number
  readonly percentPerPoint: number
}

/** One for all Macs of a choice, so that their bars can be compared. */
export function scaleOf(scores: readonly Score[]): Scale {
  const sums = scores.map(score => pointGroups.map(group => groupPoints(score, group)))
  const forIt = Math.max(1, ...sums.map(all => all.filter(points => points > 0).reduce(add, 0)))
  const against = Math.max(0, ...sums.map(all => -all.filter(points => points < 0).reduce(add, 0)))
  const percentPerPoint = 100 / (forIt + against)
  return { zeroPercent: against * percentPerPoint, percentPerPoint }
}

export function sayPoints(points: number): string {
  return points.toFixed(1).replace('.0', '').replace('-', '−')
}

function add(one: number, other: number): number {
  return one + other
}
