// Which Macs fail too often to be asked: a circuit breaker for each. Pure: the time is passed in.

export type Outcome = 'answered' | 'failed' | 'lost'

interface Circuit {
  /** The run of the Mac that this is about: one that has started anew begins with a clean slate. */
  readonly epoch: number
  /** The last half minute in spans of 5 s, the oldest first. */
  spans: Span[]
  failedInRow: number
  /** Null: closed. */
  openedAtMs: number | null
  /** When the one request was sent that may close it again; null: none is under way. */
  triedAtMs: number | null
}

interface Span {
  readonly fromMs: number
  requests: number
  failures: number
}

const spanMs = 5000
const windowMs = 30_000
const toleratedShare = 0.1
/** Fewer say nothing about a share. */
const minRequests = 10
const failuresInRow = 3
const halfOpenAfterMs = 60_000

/** Open on more than 10 % failures in 30 s, or three in a row; after 60 s one request may try. */
export class CircuitBreaker {
  readonly #circuits = new Map<string, Circuit>()

  note(workerId: string, epoch: number, outcome: Outcome, nowMs: number): void {
    const circuit = this.#circuitOf(workerId, epoch)
    if (circuit.epoch > epoch) return // of a run that is over
    const failed = outcome !== 'answered'
    if (circuit.openedAtMs !== null) {
      // Requests from before it opened may still end; only one sent as a trial decides.
      if (circuit.triedAtMs === null) return
      circuit.triedAtMs = null
      circuit.openedAtMs = failed ? nowMs : null
      circuit.spans = []
      circuit.failedInRow = 0
      return
    }
    circuit.failedInRow = failed ? circuit.failedInRow + 1 : 0
    count(circuit, failed, nowMs)
    if (circuit.failedInRow >= failuresInRow || failsOften(circuit)) circuit.openedAtMs = nowMs
  }

  /** False also when it is half open and nobody tries yet: the next request may. */
  isOpen(workerId: string, epoch: number, nowMs: number): boolean {
    const circuit = this.#circuits.get(workerId)
    if (!circuit || circuit.epoch !== epoch || circuit.openedAtMs === null) return false
    return nowMs - (circuit.triedAtMs ?? circuit.openedAtMs) < halfOpenAfterMs
  }

  /** A request goes to this Mac: the trial, if its circuit is half open. */
  sent(workerId: string, epoch: number, nowMs: number): void {
    const circuit = this.#circuits.get(workerId)
    if (!circuit || circuit.openedAtMs === null || this.isOpen(workerId, epoch, nowMs)) return
    circuit.triedAtMs = nowMs
  }

  #circuitOf(workerId: string, epoch: number): Circuit {
    const known = this.#circuits.get(workerId)
    if (known && known.epoch >= epoch) return known
    const circuit = { epoch, spans: [], failedInRow: 0, openedAtMs: null, triedAtMs: null }
    this.#circuits.set(workerId, circuit)
    return circuit
  }
}

function count(circuit: Circuit, failed: boolean, nowMs: number): void {
  let span = circuit.spans.at(-1)
  if (!span || nowMs - span.fromMs >= spanMs) {
    span = { fromMs: nowMs, requests: 0, failures: 0 }
    circuit.spans.push(span)
    circuit.spans = circuit.spans.filter(({ fromMs }) => nowMs - fromMs < windowMs)
  }
  span.requests++
  if (failed) span.failures++
}

function failsOften({ spans }: Circuit): boolean {
  let requests = 0
  let failures = 0
  for (const span of spans) {
    requests += span.requests
    failures += span.failures
  }
  return requests >= minRequests && failures > toleratedShare * requests
}
