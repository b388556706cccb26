// A back end that speaks as much of Ollama's interface as a router needs, and OpenAI's beside it as Ollama does; it
// answers with stamped tokens at the speed that the model's name asks for: `node scripted-ollama.ts MODEL...`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { stampToken } from '../load/stamp.ts'
import { answerCompletion } from './scripted-completion.ts'
import { paceTokens, speedOf } from './steps.ts'

interface Chat {
  readonly model: string
  readonly stream?: boolean
  readonly options?: { readonly num_predict?: number }
}

const models = process.argv.slice(2)
const size = 100 * 2 ** 20
const details = {
  format: 'gguf',
  family: 'llama',
  families: ['llama'],
  parameter_size: '1B',
  quantization_level: 'Q4_0',
}
const list = models.map(name => ({
  name,
  model: name,
  size,
  digest: 'scripted',
  modified_at: now(),
  details,
}))

createServer({ noDelay: true, keepAliveTimeout: 60_000 }, (request, response) => {
  const path = request.url ?? ''
  if (path === '/v1/chat/completions') return answerCompletion(request, response)
  if (path === '/api/chat') return void readBody(request, body => chat(JSON.parse(body), response))
  if (path === '/api/tags') return json(response, { models: list })
  if (path === '/api/version') return json(response, { version: '0.40.0' })
  if (path === '/api/show') return json(response, { details, model_info: {}, capabilities: ['completion'] })
  // Loaded for ever, as with `keep_alive: -1`.
  const lasting = { expires_at: '2100-01-01T00:00:00Z', size_vram: size, context_length: 32_768 }
  if (path === '/api/ps') return json(response, { models: list.map(model => ({ ...model, ...lasting })) })
  if (path === '/api/generate') return json(response, { response: '', done: true, done_reason: 'load' })
  response.end('Ollama is running')
}).listen(11434, '0.0.0.0', () => process.stdout.write('ready\n'))

function chat({ model, stream, options }: Chat, response: ServerResponse): void {
  const tokens = options?.num_predict ?? 1
  const last = {
    done: true,
    done_reason: 'length',
    total_duration: 1_000_000,
    load_duration: 0,
    prompt_eval_count: 1,
    prompt_eval_duration: 0,
    eval_count: tokens,
    eval_duration: 1_000_000,
  }
  if (stream === false) {
    let content = ''
    paceTokens(0, tokens, serial => {
      content += stampToken(serial)
    })
    json(response, { model, created_at: now(), message: { role: 'assistant', content }, ...last })
    return
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const line = (content: string, rest: object) =>
    `${JSON.stringify({ model, created_at: now(), message: { role: 'assistant', content }, ...rest })}\n`
  const stop = paceTokens(speedOf(model), tokens, serial => {
    response.write(line(stampToken(serial), { done: false }))
    if (serial === tokens - 1) response.end(line('', last))
  })
  response.on('close', stop)
}

function readBody(request: IncomingMessage, run: (body: string) => void): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => run(Buffer.concat(parts).toString()))
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

function now(): string {
  return new Date().toISOString()
}
