// A response whole, and as the numbered events of a stream.
import type { Choice, Shape } from '../plan.ts'
import { AnswerItems } from './answer-items.ts'
import type { ResponseObject, ResponseState } from './response-object.ts'

interface ShapeOptions {
  readonly describe: (state: ResponseState) => ResponseObject
  /** Called once, with the response that is complete or cut short; never throws. */
  readonly keep: (response: ResponseObject) => void
}

/** Of one response, which has one choice. */
export function createResponseShape({ describe, keep }: ShapeOptions): Shape {
  let number = 0
  let said = ''
  let isCut = false
  const answer = new AnswerItems(say)

  return {
    // Every event has a number, and the last ones repeat the text.
    render: () => null,
    opening() {
      const response = describe({ status: 'in_progress', output: [], usage: null, failure: null })
      say('response.created', { response })
      say('response.in_progress', { response })
      return take()
    },
    text(_index, text, logprobs) {
      answer.add({ type: 'text', text }, logprobs)
      return take()
    },
    pieces(_index, pieces, logprobs) {
      const lastText = pieces.findLast(({ type }) => type === 'text')
      for (const piece of pieces) answer.add(piece, piece === lastText ? logprobs : undefined)
      return take()
    },
    closing(_index, finishReason) {
      end(answer, finishReason)
      return take()
    },
    end(usage) {
      const response = complete(answer, usage)
      say(`response.${response.status}`, { response })
      return take()
    },
    failed(failure) {
      const { code, message, param } = failure
      say('error', { code, message, param })
      answer.cut()
      const response = describe({ status: 'failed', output: answer.items, usage: null, failure })
      say('response.failed', { response })
      return take()
    },
    whole([choice], usage) {
      const answer = new AnswerItems(() => {})
      if (choice) tell(choice, answer)
      return complete(answer, usage)
    },
  }

  function say(type: string, fields: Readonly<Record<string, unknown>>): void {
    said += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...fields })}\n\n`
  }

  /** What has been said since the last time. */
  function take(): string {
    const events = said
    said = ''
    return events
  }

  function tell(
    { reasoning, text, toolCalls, textLogprobs, finishReason }: Choice,
    answer: AnswerItems,
  ): void {
    if (reasoning !== null) answer.add({ type: 'reasoning', text: reasoning }, undefined)
    answer.add({ type: 'text', text }, textLogprobs)
    for (const { id, name, arguments: given } of toolCalls) {
      answer.add({ type: 'call', id, name }, undefined)
      answer.add({ type: 'arguments', text: given }, undefined)
    }
    end(answer, finishReason)
  }

  function end(answer: AnswerItems, finishReason: Choice['finishReason']): void {
    isCut = finishReason === 'length'
    answer.end(isCut ? 'incomplete' : 'completed')
  }

  function complete(answer: AnswerItems, usage: Parameters<Shape['end']>[0]): ResponseObject {
    const status = isCut ? 'incomplete' : 'completed'
    const response = describe({ status, output: answer.items, usage, failure: null })
    keep(response)
    return response
  }
}
