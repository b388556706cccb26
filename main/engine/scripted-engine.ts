// An engine that follows a script instead of running a model: a fixed speed, known text, failures on command.
// For tests, benchmarks, and `serve --engine scripted`: ten peers on one laptop.
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { Engine, ModelFiles } from './engine.ts'
import { ScriptedModel } from './scripted-model.ts'

export interface Script {
  /** Of each stream; 0 or Infinity: the whole answer at once, in the turn that asks for it. */
  readonly tokensPerSecond: number
  readonly loadMs: number
  /** How many streams it serves at once; the others wait for their turn. */
  readonly atOnce: number
  /** Length of an answer that nothing else limits. */
  readonly answerTokens: number
  /** The reason with which loading fails. */
  readonly failLoad: string | null
  /** Without the layer for images; models with eyes make text. */
  readonly blind: boolean
  /** The process dies when it has generated that many tokens. */
  readonly crashAfterTokens: number | null
  /** The process lives on and says nothing more when it has generated that many tokens. */
  readonly hangAfterTokens: number | null
}

export const defaultScript: Script = {
  tokensPerSecond: Number.POSITIVE_INFINITY,
  loadMs: 0,
  atOnce: Number.POSITIVE_INFINITY,
  answerTokens: 64,
  failLoad: null,
  blind: false,
  crashAfterTokens: null,
  hangAfterTokens: null,
}

export interface ScriptedEngine extends Engine {
  /** The models that have a "process" now, by id: tests crash them. */
  readonly running: ReadonlyMap<string, ScriptedModel>
}

/** `scriptOf` is asked at each load, so that a model can fail once and work the next time. */
export function createScriptedEngine(
  clock: Clock,
  scriptOf: (modelId: string) => Partial<Script> = () => ({}),
): ScriptedEngine {
  const running = new Map<string, ScriptedModel>()

  return {
    running,
    seesImages: true,
    load: async (files, onPhase, signal) => {
      const script = { ...defaultScript, ...scriptOf(files.modelId) }
      onPhase('loading')
      if (script.loadMs > 0) await wait(clock, script.loadMs, signal)
      signal.throwIfAborted()
      if (script.failLoad !== null) throw new MeshError('MODEL_LOAD_FAILED', script.failLoad)
      onPhase('warming')
      const model = new ScriptedModel(files, script, clock)
      running.set(files.modelId, model)
      model.exited.then(() => forget(files, model))
      return model
    },
  }

  function forget(files: ModelFiles, model: ScriptedModel): void {
    if (running.get(files.modelId) === model) running.delete(files.modelId)
  }
}

function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const cancel = clock.after(delayMs, resolve)
    signal.addEventListener('abort', () => {
      cancel()
      reject(signal.reason)
    })
  })
}
