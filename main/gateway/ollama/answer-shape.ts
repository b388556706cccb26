import type { Clock } from '../../protocol/clock.ts'
import type { FinishReason, Piece, ToolCall } from '../../protocol/inference.ts'
import { describeLogprobs } from '../described-logprobs.ts'
import { splitAtText } from '../event-text.ts'
import type { Shape, Times } from '../plan.ts'
import { argumentsOf } from '../tool-arguments.ts'
import type { Usage } from '../usage.ts'
import { makeLine } from './dialect.ts'

/** What an answer, or a line of it, says. */
interface Said {
  readonly content: string
  readonly thinking?: string
  readonly tool_calls?: readonly unknown[]
}

/** How one of the two interfaces says it. */
export type Words = (said: Said) => object

export interface AnswerOptions {
  readonly model: string
  readonly words: Words
  /** Nothing was asked: the model is there now. */
  readonly isLoading: boolean
  readonly clock: Clock
}

/** Ollama's answers, whole and in lines, of which each has a call as a whole. */
export function createAnswerShape({ model, words, isLoading, clock }: AnswerOptions): Shape {
  const createdAt = timeOf(clock)
  const calls: ToolCall[] = []
  let toldCalls = 0
  let doneReason = 'stop'
  const line = (said: Said, more: object = {}) =>
    makeLine({ model, created_at: createdAt, ...words(said), ...more, done: false })

  return {
    render: () => splitAtText(text => line({ content: text })),
    opening: () => '',
    text: (_, content, logprobs) => line({ content }, logprobs && { logprobs: describeLogprobs(logprobs) }),
    pieces: (_, pieces, logprobs) => {
      const lines = pieces.map(piece => lineOf(piece)).join('')
      return logprobs ? lines + line({ content: '' }, { logprobs: describeLogprobs(logprobs) }) : lines
    },
    closing: (_, finishReason) => {
      doneReason = reasonOf(finishReason)
      return tellCalls()
    },
    end: (usage, times) =>
      makeLine({
        model,
        created_at: timeOf(clock),
        ...words({ content: '' }),
        ...(isLoading ? loaded : ended(doneReason, usage, times)),
      }),
    whole: ([choice], usage, times) =>
      choice && {
        model,
        created_at: timeOf(clock),
        ...words({
          content: choice.text,
          ...(choice.reasoning !== null && { thinking: choice.reasoning }),
          ...(choice.toolCalls.length > 0 && { tool_calls: choice.toolCalls.map(callOf) }),
        }),
        ...(choice.logprobs && { logprobs: describeLogprobs(choice.logprobs) }),
        ...(isLoading ? loaded : ended(reasonOf(choice.finishReason), usage, times)),
      },
  }

  function lineOf(piece: Piece): string {
    switch (piece.type) {
      case 'text':
        return piece.text === '' ? '' : tellCalls() + line({ content: piece.text })
      case 'reasoning':
        return tellCalls() + line({ content: '', thinking: piece.text })
      case 'call': {
        const before = tellCalls()
        calls.push({ id: piece.id, name: piece.name, arguments: '' })
        return before
      }
      case 'arguments': {
        const call = calls.pop()
        if (call) calls.push({ ...call, arguments: call.arguments + piece.text })
        return ''
      }
    }
  }

  /** The call that is complete by now. */
  function tellCalls(): string {
    const complete = calls.slice(toldCalls).map((call, i) => callOf(call, toldCalls + i))
    toldCalls = calls.length
    return complete.length === 0 ? '' : line({ content: '', tool_calls: complete })
  }
}

const loaded = { done: true, done_reason: 'load' }

/** A call is an end like any other there. */
function reasonOf(finishReason: FinishReason): string {
  return finishReason === 'length' ? 'length' : 'stop'
}

function ended(doneReason: string, usage: Usage, { totalMs, queuedMs, firstTokenMs }: Times) {
  const begunMs = queuedMs ?? 0
  return {
    done: true,
    done_reason: doneReason,
    total_duration: nanoseconds(totalMs),
    load_duration: nanoseconds(begunMs),
    prompt_eval_count: usage.prompt_tokens,
    prompt_eval_duration: firstTokenMs === null ? 0 : nanoseconds(firstTokenMs - begunMs),
    eval_count: usage.completion_tokens,
    eval_duration: firstTokenMs === null ? 0 : nanoseconds(totalMs - firstTokenMs),
  }
}

export function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6)
}

function callOf({ id, name, arguments: text }: ToolCall, index: number) {
  return { id, function: { index, name, arguments: argumentsOf(text) } }
}

function timeOf(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}
