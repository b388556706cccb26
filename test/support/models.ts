import type { EngineEvent, EngineModel, GenerateRequest, ModelFiles } from '../../main/engine/engine.ts'

export function modelFiles(modelId: string, changes: Partial<ModelFiles> = {}): ModelFiles {
  return {
    modelId,
    folder: `/models/${modelId}`,
    fingerprint: modelId,
    sizeBytes: 1_000_000_000,
    contextTokens: 2048,
    createdAtMs: 1_700_000_000_000,
    ...changes,
  }
}

export async function eventsOf(model: EngineModel, request: GenerateRequest): Promise<EngineEvent[]> {
  const events: EngineEvent[] = []
  for await (const event of model.generate(request)) events.push(event)
  return events
}

export function textOf(events: readonly EngineEvent[]): string {
  return events.map(event => (event.type === 'tokens' ? event.text : '')).join('')
}

export async function textFrom(model: EngineModel, request: GenerateRequest): Promise<string> {
  return textOf(await eventsOf(model, request))
}
