import type { DashboardRequest } from '../protocol/dashboard.ts'
import type { RequestSummary } from '../telemetry/request-record.ts'

/** A request that has ended, as dashboards see it. */
export function requestJson(record: RequestSummary): DashboardRequest {
  return {
    requestId: record.requestId,
    modelId: record.modelId,
    workerId: record.workerId,
    status: record.status,
    httpStatus: record.httpStatus,
    timestamp: record.startedAtMs,
    latencyMs: record.latencyMs,
    firstTokenMs: record.firstTokenMs,
    queuedMs: record.queuedMs,
    promptTokens: record.promptTokens,
    tokensGenerated: record.tokensGenerated,
    cachedTokens: record.cachedTokens,
    errorCode: record.errorCode,
  }
}
