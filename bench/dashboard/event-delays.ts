// How long an open dashboard waits for news: from when a thing was done to when it was heard of.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type DashboardEvent, dashboardEvent, overview } from '../../main/protocol/dashboard.ts'

/** Milliseconds. */
export interface EventDelays {
  /** From sending a request to hearing that it has begun. */
  readonly begun: readonly number[]
  /** From its answer's end to hearing of it. */
  readonly ended: readonly number[]
  /** From telling a Mac to pause, or to go on, to hearing that it has. */
  readonly paused: readonly number[]
}

const giveUpMs = 5000
const idleWithinMs = 30_000

export async function measureDelays(url: string, times: number): Promise<EventDelays> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/dashboard`)
  const waiting = new Map<string, () => void>()
  socket.on('message', data => {
    const atEvent = nameOf(dashboardEvent.parse(JSON.parse(String(data))))
    waiting.get(atEvent)?.()
  })
  await once(socket, 'open')
  await idle(url)
  const heard = (name: string) =>
    Promise.race([
      new Promise<number>(resolve => waiting.set(name, () => resolve(performance.now()))),
      sleep(giveUpMs, Number.NaN, { ref: false }),
    ])
  const [begun, ended, paused]: [number[], number[], number[]] = [[], [], []]
  try {
    for (let time = 0; time < times; time++) {
      const requestId = `bench-${time}`
      const [begins, ends] = [heard(`begun ${requestId}`), heard(`ended ${requestId}`)]
      const askedMs = performance.now()
      await askFor(url, requestId)
      const answeredMs = performance.now()
      begun.push((await begins) - askedMs)
      ended.push(Math.max(0, (await ends) - answeredMs))
      const state = time % 2 === 0 ? 'paused' : 'on'
      const changes = heard(`sharing ${state}`)
      const orderedMs = performance.now()
      await post(`${url}/api/cluster/workers/benchworker/sharing`, { state })
      paused.push((await changes) - orderedMs)
      waiting.clear()
    }
    if (times % 2 === 1) await post(`${url}/api/cluster/workers/benchworker/sharing`, { state: 'on' })
  } finally {
    socket.terminate()
  }
  return { begun, ended, paused }
}

/** Of very many requests a dashboard hears some only: those of a load that has just ended are waited for. */
async function idle(url: string): Promise<void> {
  const deadlineMs = performance.now() + idleWithinMs
  for (;;) {
    const { requests } = overview.parse(await (await fetch(`${url}/api/dashboard/overview`)).json())
    if (requests.active === 0) return
    if (performance.now() > deadlineMs) throw new Error(`${requests.active} requests do not end`)
    await sleep(100)
  }
}

function nameOf(event: DashboardEvent): string {
  if (event.type === 'request_started') return `begun ${event.request.requestId}`
  if (event.type === 'request_completed') return `ended ${event.request.requestId}`
  return event.type === 'worker_update' ? `sharing ${event.worker.sharing?.state}` : event.type
}

/** Whatever comes of it: a Mac that pauses does not answer, and that is told, too. */
function askFor(url: string, requestId: string): Promise<unknown> {
  const body = { model: 'bench-0', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }
  return post(`${url}/v1/chat/completions`, body, { 'x-request-id': requestId })
}

async function post(url: string, body: object, headers = {}): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), headers })
  return response.json()
}
