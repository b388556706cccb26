import type { Clock } from '../../protocol/clock.ts'
import type { PlanRequest } from '../generate.ts'
import { sequenceOf } from '../sequence-of.ts'
import { thinkingOf } from '../thinking.ts'
import { completeInput, conversationBefore } from './conversation.ts'
import { messagesOf } from './messages-of.ts'
import { ownerOf } from './owner-of.ts'
import { checkResponseBody, formatOf, logprobsOf } from './response-body.ts'
import { describeResponse, makeResponseId } from './response-object.ts'
import { createResponseShape } from './response-shape.ts'
import { toolsOf } from './response-tools.ts'
import type { StoredResponses } from './stored-responses.ts'

export interface PlanOptions {
  readonly clock: Clock
  readonly stored: StoredResponses
}

/** `POST /v1/responses` */
export function planResponse({ clock, stored }: PlanOptions): PlanRequest {
  return (value, exchange) => {
    const body = checkResponseBody(value)
    const id = makeResponseId()
    const owner = ownerOf(exchange)
    const isStored = body.store !== false
    const before = conversationBefore(body.previous_response_id, { stored, owner })
    const { items, newIds, bytes } = completeInput(body.input, { stored, owner })
    const asked = sequenceOf(body, exchange)
    // A conversation stays on the Mac whose prefix cache has it: its first response gives it a name.
    const sessionId = asked.sessionId ?? before.sessionId ?? (isStored ? id : undefined)
    const sequence = {
      ...asked,
      ...toolsOf(body),
      sessionId,
      messages: messagesOf(body.instructions, [...before.earlier, ...items]),
      format: formatOf(body),
      thinking: thinkingOf({ reasoning_effort: body.reasoning?.effort ?? undefined }),
      maxTokens: body.max_output_tokens,
      fitContext: true,
      logprobs: logprobsOf(body),
    }
    return {
      stream: body.stream === true,
      carriedBytes: before.bytes + bytes,
      parts: [{ index: 0, countsPrompt: true, sequence }],
      shape: createResponseShape({
        describe: describeResponse(body, id, () => clock.now()),
        keep: response => {
          if (!isStored) return
          const row = {
            id,
            previousId: body.previous_response_id ?? null,
            sessionId: sessionId ?? id,
            owner,
            input: JSON.stringify(items),
            response: JSON.stringify(response),
          }
          stored.keep(row, { input: newIds, output: response.output.map(item => item.id) })
        },
      }),
    }
  }
}
