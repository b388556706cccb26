import type { FinishReason, Piece, TokenLogprob, ToolCall } from '../protocol/inference.ts'
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
  exchange.json(200, plan.shape.whole(choices, usageOf(trace)))
}

class GatheredChoice implements PartListener, Choice {
  readonly index: number
  text = ''
  reasoning: string | null = null
  readonly toolCalls: ToolCall[] = []
  finishReason: FinishReason = 'stop'
  readonly #logprobs: TokenLogprob[] | null

  constructor({ index, sequence }: Part) {
    this.index = index
    this.#logprobs = sequence.logprobs === undefined ? null : []
  }

  get logprobs(): readonly TokenLogprob[] | null {
    return this.#logprobs
  }

  onStarted(): undefined {}

  onText(event: Parameters<PartListener['onText']>[0]): undefined {
    if (event.type === 'rendered') return
    if (event.type === 'token' && event.pieces) for (const piece of event.pieces) this.#add(piece)
    else this.text += event.token
    if (event.logprobs) this.#logprobs?.push(...event.logprobs)
  }

  onDone(finishReason: FinishReason): void {
    this.finishReason = finishReason
  }

  #add(piece: Piece): void {
    if (piece.type === 'text') this.text += piece.text
    else if (piece.type === 'reasoning') this.reasoning = (this.reasoning ?? '') + piece.text
    else if (piece.type === 'call') this.toolCalls.push({ id: piece.id, name: piece.name, arguments: '' })
    else {
      const call = this.toolCalls.pop()
      if (call) this.toolCalls.push({ ...call, arguments: call.arguments + piece.text })
    }
  }
}
