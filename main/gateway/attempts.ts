// The spans of one sequence's attempts: each Mac that it is sent to is one, so that a hand-over can be seen.
import type { OpenSpan, Tracing } from '../telemetry/tracing.ts'
import type { Choice } from './choose-worker.ts'

export class Attempts {
  readonly #tracing: Tracing
  readonly #parent: string | undefined
  #running: OpenSpan | null = null
  #number = 0

  constructor(tracing: Tracing, parent: string | undefined) {
    this.#tracing = tracing
    this.#parent = parent
  }

  /** It takes the place of the one before as soon as it is `sent`. */
  next({ workerId, strategy }: Choice, deliveredTokens: number) {
    const span = this.#tracing.begin('attempt', {
      kind: 'client',
      parent: this.#parent,
      attributes: {
        'mlx_mesh.worker.id': workerId,
        'mlx_mesh.strategy': strategy,
        'mlx_mesh.attempt': ++this.#number,
        'mlx_mesh.delivered_tokens': deliveredTokens,
      },
    })
    return {
      traceparent: span.traceparent,
      sent: () => {
        this.end('handed over')
        this.#running = span
      },
      giveUp: (code: string) => span.end(code),
    }
  }

  /** What became of it; `code`: why the Mac does not answer, or not to the end. */
  end(outcome: 'answered' | 'refused' | 'lost' | 'handed over' | 'left', code: string | null = null): void {
    this.#running?.set({ 'mlx_mesh.outcome': outcome })
    this.#running?.end(code)
    this.#running = null
  }
}
