import type { RequestRecord } from '../../main/telemetry/request-record.ts'

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
    promptTokens: 12,
    tokensGenerated: 11,
    cachedTokens: 4,
    errorCode: null,
    choices: null,
    ...record,
  }
}
