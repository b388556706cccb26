import type { CpuUse } from './cpu-meter.ts'
import type { LoadResult } from './plan.ts'
import { summarize } from './samples.ts'

/** What one finished request has to tell. Times in microseconds of the monotonic clock. */
export interface Exchanged {
  readonly dueUs: number
  readonly sentUs: number
  readonly endUs: number
  readonly error: string | null
  readonly firstTokenUs: number | null
  readonly tokens: number
  readonly lostTokens: number
}

/** Collects what was due in the window; rates count what arrived in it. */
export class Tally {
  readonly fromUs: number
  untilUs: number
  #requests = 0
  #ended = 0
  #tokens = 0
  #lostTokens = 0
  readonly #errors = new Map<string, number>()
  readonly #latency: number[] = []
  readonly #firstToken: number[] = []
  readonly #sendDelay: number[] = []
  readonly tokenGap: number[] = []
  readonly tokenTransit: number[] = []
  #arrivedTokens = 0
  #lastEndUs = 0

  constructor(fromUs: number, untilUs: number) {
    this.fromUs = fromUs
    this.untilUs = untilUs
  }

  covers(timeUs: number): boolean {
    return timeUs >= this.fromUs && timeUs < this.untilUs
  }

  countArrived(tokens: number, atUs: number): void {
    if (this.covers(atUs)) this.#arrivedTokens += tokens
  }

  add(exchange: Exchanged): void {
    this.#lastEndUs = exchange.endUs
    if (this.covers(exchange.endUs) && exchange.error === null) this.#ended++
    // What goes wrong counts also while warming up: a request that never ends would hide all those behind it.
    this.#lostTokens += exchange.lostTokens
    if (exchange.error !== null) this.#errors.set(exchange.error, (this.#errors.get(exchange.error) ?? 0) + 1)
    if (!this.covers(exchange.dueUs)) return
    this.#requests++
    this.#tokens += exchange.tokens
    this.#sendDelay.push(exchange.sentUs - exchange.dueUs)
    if (exchange.error !== null) return
    this.#latency.push(exchange.endUs - exchange.dueUs)
    if (exchange.firstTokenUs !== null) this.#firstToken.push(exchange.firstTokenUs - exchange.dueUs)
  }

  /** Ends the window with the last answer: for a run of a number of requests, which is measured as a whole. */
  endWithLast(): void {
    this.untilUs = this.#lastEndUs + 1
  }

  /** `counted`: the window is the whole run, so tokens are those of `usage` where there are any. */
  result(counted: boolean, cpu: CpuUse): LoadResult {
    const windowUs = this.untilUs - this.fromUs
    const tokens = counted ? this.#tokens : this.#arrivedTokens
    return {
      requests: this.#requests,
      errors: Object.fromEntries(this.#errors),
      requestsPerS: (this.#ended / windowUs) * 1e6,
      tokens,
      tokensPerS: (tokens / windowUs) * 1e6,
      lostTokens: this.#lostTokens,
      latency: summarize(this.#latency),
      firstToken: summarize(this.#firstToken),
      tokenGap: summarize(this.tokenGap),
      tokenTransit: summarize(this.tokenTransit),
      sendDelay: summarize(this.#sendDelay),
      ...cpu,
    }
  }
}
