import type { RecordedChoice, Score } from '../../main/protocol/choices.ts'
import type { RequestQuery, RequestRecord } from '../../main/telemetry/request-record.ts'

export function makeRecord(record: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: 'g1.1',
    modelId: 'tiny',
    workerId: 'mac1',
    status: 'completed',
    httpStatus: 200,
    startedAtMs: 1_800_000_000_000,
    latencyMs: 1100,
    firstTokenMs: 100,
    queuedMs: 20,
    promptTokens: 12,
    tokensGenerated: 11,
    cachedTokens: 4,
    errorCode: null,
    choices: null,
    ...record,
  }
}

export function makeScore(score: Partial<Score> = {}): Score {
  return {
    workerId: 'mac1',
    chip: 30,
    gpuCores: 9,
    memory: 9,
    speed: 0,
    shared: 0,
    idle: 50,
    queued: 0,
    modelLoaded: 30,
    prefix: 0,
    preferred: 0,
    priority: 10,
    gpuBusy: 0,
    total: 138,
    setAside: null,
    ...score,
  }
}

export function makeChoice(choice: Partial<RecordedChoice> = {}): RecordedChoice {
  const atMs = 1_800_000_000_000
  return { workerId: 'mac1', from: null, atMs, strategy: 'hardware_aware', scores: [makeScore()], ...choice }
}

export function anyRequest(query: Partial<RequestQuery> = {}): RequestQuery {
  return {
    limit: 100,
    status: null,
    text: null,
    modelId: null,
    workerId: null,
    beforeMs: null,
    afterId: null,
    ...query,
  }
}
