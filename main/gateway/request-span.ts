// The span of one HTTP request for text, in the words of OpenTelemetry's conventions for HTTP and generative AI.
import type { RequestRecord } from '../telemetry/request-record.ts'
import { epochMs, type OpenSpan, type Tracing } from '../telemetry/tracing.ts'
import type { Exchange } from './exchange.ts'

export function beginRequestSpan(tracing: Tracing, { req, path, arrivedMs, requestId }: Exchange): OpenSpan {
  const { traceparent } = req.headers
  const { localAddress, localPort } = req.socket
  return tracing.begin(`${req.method} ${path}`, {
    kind: 'server',
    atMs: epochMs(arrivedMs),
    ...(typeof traceparent === 'string' ? { parent: traceparent } : {}),
    attributes: {
      'http.request.method': req.method,
      'http.route': path,
      'url.path': path,
      'url.scheme': 'encrypted' in req.socket ? 'https' : 'http',
      'server.address': localAddress,
      'server.port': localPort,
      'gen_ai.operation.name': operationOf(path),
      'gen_ai.provider.name': 'mlx_mesh',
      'mlx_mesh.request.id': requestId,
    },
  })
}

export function endRequestSpan(span: OpenSpan, record: RequestRecord): void {
  const { modelId, errorCode, httpStatus, status } = record
  span.set({
    'http.response.status_code': httpStatus,
    'gen_ai.request.model': modelId.slice(0, longestModelName),
    'gen_ai.usage.input_tokens': record.promptTokens,
    'gen_ai.usage.output_tokens': record.tokensGenerated,
    'gen_ai.usage.cache_read.input_tokens': record.cachedTokens,
    'mlx_mesh.worker.id': record.workerId ?? undefined,
    'mlx_mesh.time_to_first_token_ms': record.firstTokenMs ?? undefined,
    'error.type': errorCode ?? undefined,
  })
  // By the conventions what the client did wrong is no error of the server.
  const isOurs = status === 'failed' && (httpStatus >= 500 || httpStatus < 400)
  span.end(isOurs ? errorCode : null)
}

/** Clients choose it, and may send anything. */
const longestModelName = 200

function operationOf(path: string): string {
  if (/embed/.test(path)) return 'embeddings'
  return path === '/v1/completions' || path === '/api/generate' ? 'text_completion' : 'chat'
}
