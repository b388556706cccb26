import type { ModelState } from '../protocol/models.ts'
import type { ModelRun } from './model-run.ts'

export type SlotState =
  | { readonly name: 'unloaded' | 'absent' }
  | { readonly name: 'failed'; readonly reason: string }
  | { readonly name: 'queued'; readonly stopBackOff: () => void }
  | { readonly name: 'loading' | 'warming'; readonly abort: AbortController }
  | { readonly name: 'ready'; readonly run: ModelRun }
  /** `run` is null where loading was given up and the process is about to end. */
  | { readonly name: 'draining'; readonly run: ModelRun | null }

/** Where a model can go from each state. `downloading` is the business of another room (`worker/`). */
const transitions: Readonly<Record<ModelState, readonly ModelState[]>> = {
  absent: ['unloaded'],
  downloading: ['unloaded', 'failed', 'absent'],
  unloaded: ['queued', 'absent'],
  /** Waits for memory, or for the end of a back-off. */
  queued: ['loading', 'failed', 'unloaded'],
  loading: ['warming', 'ready', 'failed', 'draining'],
  warming: ['ready', 'failed', 'draining'],
  ready: ['draining', 'failed'],
  /** Its process ends as soon as its last request has. */
  draining: ['unloaded'],
  failed: ['queued', 'absent'],
}

/** Throws for a bug: a step that the table does not know. */
export function checkTransition(from: ModelState, to: ModelState): void {
  if (!transitions[from].includes(to)) throw new Error(`a model cannot go from ${from} to ${to}`)
}
