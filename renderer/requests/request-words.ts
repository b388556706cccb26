// What became of a request, for people.
import type { DashboardRequest, LiveRequest } from '../../main/protocol/dashboard.ts'
import type { ErrorCode } from '../../main/protocol/errors.ts'
import type { Tone } from '../ui/status.tsx'

export const statusTones: Readonly<Record<DashboardRequest['status'], Tone>> = {
  completed: 'good',
  failed: 'bad',
  cancelled: 'idle',
}

export const statusWords: Readonly<Record<DashboardRequest['status'], string>> = {
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export const phaseWords: Readonly<Record<LiveRequest['phase'], string>> = {
  queued: 'Waiting',
  prefill: 'Reading the prompt',
  generating: 'Writing',
}

export interface ErrorWords {
  readonly what: string
  readonly advice: string
}

/** A code that this page does not know is said as it is. */
export function sayErrorCode(code: string): ErrorWords {
  return known.get(code) ?? { what: `It failed with ${code}.`, advice: 'The log of this Mac says more.' }
}

const later = 'Try again in a moment. If it stays so, look under Health.'

const words: Readonly<Record<ErrorCode, ErrorWords>> = {
  INVALID_REQUEST: {
    what: 'Something in the request was not valid.',
    advice: 'The answer named the parameter: correct it in the app that asked.',
  },
  CONTEXT_LENGTH_EXCEEDED: {
    what: 'The prompt and the answer were longer than the model can take in.',
    advice: 'Shorten the prompt, ask for fewer tokens, or choose a model with a longer context.',
  },
  REQUEST_TOO_LARGE: { what: 'The request was too large.', advice: 'Send less at once: at most 20 MB.' },
  MODEL_NOT_FOUND: {
    what: 'No Mac of the mesh has this model.',
    advice: 'Add it under Models, or correct its name in the app that asked.',
  },
  MODEL_NOT_LOADED: { what: 'The model was not loaded.', advice: 'Load it under Models, then try again.' },
  MODEL_LOAD_FAILED: { what: 'The model could not be loaded.', advice: 'Its card under Models says why.' },
  INSUFFICIENT_MEMORY: {
    what: 'No Mac had enough free memory for the model.',
    advice: 'Unload another model, or choose a smaller one.',
  },
  OVERLOADED: {
    what: 'Every Mac with the model was full.',
    advice: 'Try again in a moment, or load the model on another Mac.',
  },
  NO_WORKER: {
    what: 'No Mac could take it.',
    advice: 'Look under Macs whether one with the model is online and shares.',
  },
  WORKER_LOST: { what: 'The Mac that answered was lost, and no other could go on.', advice: later },
  ENGINE_FAILED: { what: 'The model stopped unexpectedly.', advice: later },
  SLOW_CONSUMER: {
    what: 'The app that asked did not read its answer, so it was given up.',
    advice: 'Look whether that app still runs.',
  },
  SHUTTING_DOWN: { what: 'MLX Mesh was just being quit.', advice: 'Try again when it runs.' },
  PAIRING_FAILED: { what: 'The Macs could not be paired.', advice: 'Start the pairing again on both.' },
  CANCELLED: { what: 'The app that asked went away, or stopped it.', advice: 'Nothing needs to be done.' },
  INTERNAL: {
    what: 'Something went wrong inside MLX Mesh.',
    advice: 'The log of this Mac says more under the id of this request.',
  },
}

const known = new Map<string, ErrorWords>(Object.entries(words))

/** Tokens a second while it was writing; null where that cannot be told. */
export function speedOf({
  tokensGenerated,
  latencyMs,
  firstTokenMs,
}: Pick<DashboardRequest, 'tokensGenerated' | 'latencyMs' | 'firstTokenMs'>): number | null {
  if (firstTokenMs === null || tokensGenerated < 2 || latencyMs <= firstTokenMs) return null
  return ((tokensGenerated - 1) * 1000) / (latencyMs - firstTokenMs)
}
