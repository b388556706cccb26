import { monotonicUs } from './clock.ts'
import { Connection } from './connection.ts'
import { Exchange } from './exchange.ts'
import type { LoadPlan } from './plan.ts'
import type { Tally } from './tally.ts'

/** Gives requests to connections that are free. A request that finds none waits for one, in order. */
export class Sender {
  readonly #plan: LoadPlan
  readonly #tally: Tally
  readonly #requests: readonly Buffer[]
  readonly #connections: readonly Connection[]
  readonly #free: Connection[]
  readonly #dueUs: number[] = []
  #taken = 0
  #sent = 0
  #onIdle: (() => void) | null = null
  /** Asked when a connection is free and nothing is due: whether to send at once. */
  sendsOn: () => boolean = () => false

  constructor(plan: LoadPlan, tally: Tally) {
    const { hostname, port, pathname } = new URL(plan.url)
    this.#plan = plan
    this.#tally = tally
    this.#requests = plan.bodies.map(body => encodeRequest(hostname, port, pathname, body))
    this.#connections = Array.from({ length: plan.connections }, () => new Connection(hostname, Number(port)))
    this.#free = [...this.#connections]
  }

  get sent(): number {
    return this.#sent
  }

  request(dueUs: number): void {
    const connection = this.#free.pop()
    if (connection) this.#send(connection, dueUs)
    else this.#dueUs.push(dueUs)
  }

  /** Resolves once every answer is here, or `withinMs` from now: what is missing then counts as an error. */
  async finish(withinMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#free.length < this.#connections.length) await this.#idle(withinMs, signal)
    this.sendsOn = () => false
    this.#taken = this.#dueUs.length
    for (const connection of this.#connections) connection.close('no answer in time')
  }

  #idle(withinMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, withinMs)
      signal?.addEventListener('abort', end)
      this.#onIdle = end
    })
  }

  #send(connection: Connection, dueUs: number): void {
    const request = this.#requests[this.#sent % this.#requests.length]
    if (!request) throw new RangeError('a plan needs a body')
    this.#sent++
    connection.send(request, new Exchange(this.#plan, this.#tally, dueUs, () => this.#next(connection)))
  }

  #next(connection: Connection): void {
    const due = this.#dueUs[this.#taken]
    if (due !== undefined) {
      this.#taken++
      this.#send(connection, due)
    } else if (this.sendsOn()) this.#send(connection, monotonicUs())
    else {
      this.#free.push(connection)
      if (this.#free.length === this.#connections.length) this.#onIdle?.()
    }
  }
}

function encodeRequest(hostname: string, port: string, path: string, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}
