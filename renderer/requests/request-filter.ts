// Which requests a list shows, as it stands in the page's address. Pure.
import { type DashboardRequest, type LiveRequest, requestStatus } from '../../main/protocol/dashboard.ts'
import { macsOf } from '../peer/macs-of.ts'

export interface RequestFilter {
  readonly status: DashboardRequest['status'] | null
  readonly model: string | null
  readonly worker: string | null
  readonly text: string
}

export function filterOf(query: URLSearchParams): RequestFilter {
  return {
    status: requestStatus.options.find(each => each === query.get('status')) ?? null,
    model: query.get('model') || null,
    worker: query.get('worker') || null,
    text: query.get('q') ?? '',
  }
}

/** `?status=failed&q=llama`; empty when it lets everything through. */
export function queryOf({ status, model, worker, text }: RequestFilter): string {
  const query = new URLSearchParams()
  if (status !== null) query.set('status', status)
  if (model !== null) query.set('model', model)
  if (worker !== null) query.set('worker', worker)
  if (text !== '') query.set('q', text)
  const said = query.toString()
  return said === '' ? '' : `?${said}`
}

/** As the peer itself filters. */
export function matches(request: DashboardRequest, filter: RequestFilter): boolean {
  if (filter.status !== null && request.status !== filter.status) return false
  return matchesLive(request, filter, request.errorCode ?? '')
}

/** What has not ended has no status yet. */
export function matchesLive(
  { requestId, modelId, workerId }: Pick<LiveRequest, 'requestId' | 'modelId' | 'workerId'>,
  { model, worker, text }: RequestFilter,
  errorCode = '',
): boolean {
  if (model !== null && modelId !== model) return false
  if (worker !== null && !macsOf(workerId ?? '').includes(worker)) return false
  const wanted = text.toLowerCase()
  return [requestId, modelId, errorCode].some(field => field.toLowerCase().includes(wanted))
}
