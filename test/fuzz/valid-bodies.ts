// Bodies that make sense for every interface, and use much of what it has: what the fuzzer spoils.
export interface Sensible {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

const parameters = {
  type: 'object',
  properties: { city: { enum: ['Paris', 'Oslo'] }, days: { type: 'integer', minimum: 1, maximum: 9 } },
  required: ['city'],
  additionalProperties: false,
}
const schema = { name: 'place', strict: true, schema: parameters }
const called = { name: 'get_weather', arguments: '{"city":"Paris"}' }
const offered = { name: 'get_weather', description: 'Weather', parameters }
const hello = [{ role: 'user', content: 'Hello' }]
const conversation = [
  { role: 'system', content: 'Be short.' },
  { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
  { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: called }] },
  { role: 'tool', tool_call_id: 'call_1', content: 'Sunny' },
]
const sampling = { temperature: 0.5, top_p: 0.9, seed: 1, stop: ['\n\n'] }

export function sensibleRequests(model: string, embeddingModel: string): readonly Sensible[] {
  return [
    ...chats(model),
    ...completions(model),
    ...responses(model),
    ...anthropic(model),
    ...ollama(model),
    {
      path: '/v1/embeddings',
      body: { model: embeddingModel, input: ['one', 'two'], dimensions: 64, encoding_format: 'base64' },
    },
    { path: '/v1/embeddings', body: { model: embeddingModel, input: [[5, 6], [7]] } },
    { path: '/api/embed', body: { model: embeddingModel, input: ['one'], truncate: true } },
  ]
}

function chats(model: string): readonly Sensible[] {
  const path = '/v1/chat/completions'
  const rich = {
    model,
    messages: conversation,
    ...sampling,
    max_tokens: 4,
    top_k: 5,
    min_p: 0.1,
    n: 2,
    logprobs: true,
    top_logprobs: 2,
    logit_bias: { '5': 1 },
    presence_penalty: 0.1,
    frequency_penalty: 0.1,
    repetition_penalty: 1.1,
    tools: [{ type: 'function', function: offered }],
    tool_choice: 'auto',
    parallel_tool_calls: false,
  }
  const format = { type: 'json_schema', json_schema: schema }
  const stream_options = { include_usage: true }
  return [
    { path, body: rich },
    { path, body: { model, messages: hello, max_tokens: 4, response_format: format, ...sampling } },
    { path, body: { model, messages: hello, max_tokens: 4, stream: true, stream_options, ...sampling } },
    { path, body: { model, messages: hello, max_tokens: 4, stream: true, response_format: format } },
    { path, body: { ...rich, tool_choice: 'required', stream: true } },
    {
      path,
      body: {
        model,
        messages: hello,
        max_tokens: 4,
        functions: [offered],
        function_call: { name: called.name },
      },
    },
  ]
}

function completions(model: string): readonly Sensible[] {
  const path = '/v1/completions'
  const short = { model, max_tokens: 3, ...sampling }
  return [
    { path, body: { ...short, prompt: ['Hello', 'World'], logprobs: 1, echo: true, n: 1, best_of: 2 } },
    { path, body: { ...short, prompt: [5, 6, 7], guided_regex: '[a-z]{1,3}', stream: true } },
    { path, body: { ...short, prompt: 'Hello', guided_grammar: 'start: "a" | "b" start' } },
    { path, body: { ...short, prompt: 'Hello', guided_json: parameters } },
    { path, body: { ...short, prompt: 'Hello', structured_outputs: { choice: ['yes', 'no'] } } },
  ]
}

function responses(model: string): readonly Sensible[] {
  const path = '/v1/responses'
  const short = { model, max_output_tokens: 4, temperature: 0.5, store: false }
  const input = [
    { role: 'user', content: [{ type: 'input_text', text: 'Hello' }] },
    { type: 'function_call', call_id: 'call_1', ...called },
    { type: 'function_call_output', call_id: 'call_1', output: 'Sunny' },
  ]
  return [
    {
      path,
      body: {
        ...short,
        input,
        instructions: 'Be short.',
        tools: [{ type: 'function', ...offered, strict: true }],
        tool_choice: 'required',
        top_logprobs: 2,
        include: ['message.output_text.logprobs'],
        metadata: { a: 'b' },
        stream: true,
      },
    },
    { path, body: { ...short, input: 'Hello', text: { format: { type: 'json_schema', ...schema } } } },
    { path, body: { ...short, input: 'Hello', store: true, stream: true } },
  ]
}

function anthropic(model: string): readonly Sensible[] {
  const path = '/v1/messages'
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'Oslo' } }],
    },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'Sunny' }] },
  ]
  const rich = {
    model,
    max_tokens: 4,
    system: [{ type: 'text', text: 'Be short.' }],
    messages,
    tools: [{ name: 'get_weather', input_schema: parameters }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    stop_sequences: ['\n\n'],
    top_k: 5,
    temperature: 0.5,
  }
  return [
    { path, body: rich },
    { path, body: { ...rich, stream: true } },
    { path, body: { model, max_tokens: 4, messages: hello, stream: true } },
    { path: '/v1/messages/count_tokens', body: { model, messages, tools: rich.tools } },
  ]
}

function ollama(model: string): readonly Sensible[] {
  const options = { num_predict: 4, temperature: 0.5, top_k: 5, stop: ['\n\n'], seed: 1, repeat_penalty: 1.1 }
  const tools = [{ type: 'function', function: offered }]
  return [
    { path: '/api/chat', body: { model, messages: hello, stream: false, format: parameters, options } },
    { path: '/api/chat', body: { model, messages: hello, tools, options, think: false, keep_alive: '5m' } },
    { path: '/api/generate', body: { model, prompt: 'Hello', system: 'Be short.', stream: true, options } },
    { path: '/api/generate', body: { model, prompt: 'Hello', raw: true, stream: false, options } },
    { path: '/api/show', body: { model } },
  ]
}
