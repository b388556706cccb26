// OpenAI's chat completions with stamped tokens, at the speed that the model's name asks for.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { stampToken } from '../load/stamp.ts'
import { paceTokens, speedOf } from './steps.ts'

interface Wanted {
  readonly model: string
  readonly max_tokens: number
  readonly stream?: boolean
}

export function answerCompletion(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const wanted: Wanted = JSON.parse(Buffer.concat(parts).toString())
    if (wanted.stream) stream(wanted, response)
    else answer(wanted, response)
  })
}

function answer({ model, max_tokens }: Wanted, response: ServerResponse): void {
  let content = ''
  paceTokens(0, max_tokens, serial => {
    content += stampToken(serial)
  })
  const body = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'length' }],
    usage: { prompt_tokens: 1, completion_tokens: max_tokens, total_tokens: max_tokens + 1 },
  })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function stream({ model, max_tokens }: Wanted, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"${model}","choices":[{"index":0,"delta":`
  const stop = paceTokens(speedOf(model), max_tokens, serial => {
    response.write(`${head}{"content":"${stampToken(serial)}"},"logprobs":null,"finish_reason":null}]}\n\n`)
    if (serial === max_tokens - 1) {
      response.end(`${head}{},"logprobs":null,"finish_reason":"length"}]}\n\ndata: [DONE]\n\n`)
    }
  })
  response.on('close', stop)
}
