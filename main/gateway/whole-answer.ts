import type { FinishReason, TokenLogprob, ToolCall } from '../protocol/inference.ts'
import { GatheredAnswer } from '../protocol/pieces.ts'
import type { Exchange } from './exchange.ts'
import { followPart, type PartListener } from './follow-part.ts'
import type { Infer } from './infer.ts'
import type { Choice, Part, Plan } from './plan.ts'
import type { Trace } from './traffic.ts'
import { usageOf } from './usage.ts'

/** Waits for every choice and sends them as one JSON object. */
export async function sendWhole(infer: Infer, plan: Plan, exchange: Exchange, trace: Trace): Promise<void> {
  const following = plan.parts.map(async part => {
    const choice = new GatheredChoice(part)
    await followPart(infer, part, { exchange, trace }, choice)
    return choice
  })
  const choices = await Promise.all(following)
  exchange.json(200, plan.shape.whole(choices, usageOf(trace), trace.times()))
}

class GatheredChoice implements PartListener, Choice {
  readonly index: number
  finishReason: FinishReason = 'stop'
  stop: string | undefined = undefined
  readonly #said = new GatheredAnswer()
  readonly #logprobs: TokenLogprob[] | null
  readonly #textLogprobs: TokenLogprob[] = []
  #sum = 0
  #counted = 0

  constructor({ index, sequence }: Part) {
    this.index = index
    this.#logprobs = sequence.logprobs === undefined ? null : []
  }

  get text(): string {
    return this.#said.text
  }

  get reasoning(): string | null {
    return this.#said.reasoning
  }

  get toolCalls(): readonly ToolCall[] {
    return this.#said.toolCalls
  }

  get logprobs(): readonly TokenLogprob[] | null {
    return this.#logprobs
  }

  get textLogprobs(): readonly TokenLogprob[] {
    return this.#textLogprobs
  }

  get meanLogprob(): number {
    return this.#counted === 0 ? 0 : this.#sum / this.#counted
  }

  onStarted(): undefined {}

  onText(event: Parameters<PartListener['onText']>[0]): undefined {
    if (event.type === 'rendered') return
    const pieces = event.type === 'token' ? event.pieces : undefined
    this.#said.add(event.token, pieces)
    if (!event.logprobs) return
    this.#logprobs?.push(...event.logprobs)
    if (!pieces || pieces.some(({ type }) => type === 'text')) this.#textLogprobs.push(...event.logprobs)
    if (event.type === 'token') this.#weigh(event.logprobs)
  }

  onDone(finishReason: FinishReason, stop: string | undefined): void {
    this.finishReason = finishReason
    this.stop = stop
  }

  #weigh(logprobs: readonly TokenLogprob[]): void {
    for (const [, , logprob] of logprobs) this.#sum += logprob ?? 0
    this.#counted += logprobs.length
  }
}
