import type { Engine, EngineEvent, EngineModel, GenerateRequest } from '../../main/engine/engine.ts'
import { PushStream } from '../../main/protocol/push-stream.ts'
import { stampToken } from '../load/stamp.ts'
import { paceTokens, speedOf } from './steps.ts'

/** Makes the tokens that the upstream makes, behind the mesh's own port: a model's name says its speed. */
export const stampedEngine: Engine = {
  seesImages: false,
  load: async ({ modelId, contextTokens }, onPhase) => {
    onPhase('loading')
    return createModel(speedOf(modelId), contextTokens)
  },
}

function createModel(tokensPerS: number, contextTokens: number): EngineModel {
  let reportExit: (reason: null) => void = () => {}
  return {
    contextTokens,
    isServing: true,
    stats: { memoryBytes: 0, cacheBytes: 0, active: 0, queued: 0 },
    exited: new Promise(resolve => {
      reportExit = resolve
    }),
    limitMemory: () => {},
    close: async () => reportExit(null),
    generate: request => generate(tokensPerS, request),
    embed: () => {
      throw new Error('the upstream makes no embeddings')
    },
  }
}

function generate(tokensPerS: number, { maxTokens = 1 }: GenerateRequest): AsyncIterable<EngineEvent> {
  let leave = () => {}
  const stream = new PushStream<EngineEvent>(() => leave())
  stream.push({ type: 'started', promptTokens: 1, cachedTokens: 0 })
  leave = paceTokens(tokensPerS, maxTokens, serial => {
    stream.push({ type: 'tokens', text: stampToken(serial), ids: [serial], pieces: null, logprobs: null })
    if (serial < maxTokens - 1) return
    stream.push({ type: 'done', finishReason: 'length', completionTokens: maxTokens })
    stream.end()
  })
  return stream
}
