// The clients that people point at the endpoint, as they are published, against a real model. Each script in `fixtures`
// fails with what it saw.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonClientsBinary, pythonDevBinary } from '../support/runtime.ts'
import type { ServedPeer } from '../support/serve.ts'
import { embeddingModel, startClientsPeer, textModel, thinkingModel } from './support/clients-peer.ts'

const timeoutMs = 120_000
const models = [textModel, thinkingModel, embeddingModel]
/** None of them may look anything up on the network. */
const offline = {
  LITELLM_LOCAL_MODEL_COST_MAP: 'True',
  LITELLM_TELEMETRY: 'False',
  ANONYMIZED_TELEMETRY: 'False',
  HF_HUB_OFFLINE: '1',
}
let peer: ServedPeer

/** Its input is at its end: some programs wait for more of a prompt there. */
async function run(program: string, words: readonly string[], more: Record<string, string> = {}) {
  const env = { ...process.env, ...offline, ...more }
  const running = promisify(execFile)(program, words, { env, timeout: timeoutMs })
  running.child.stdin?.end()
  return (await running).stdout.trim()
}

beforeAll(async () => {
  peer = await startClientsPeer()
})

afterAll(() => peer?.close())

describe.each([
  ['LangChain', 'langchain_client.py', pythonClientsBinary],
  ["litellm's SDK", 'litellm_client.py', pythonClientsBinary],
  ['instructor', 'instructor_client.py', pythonClientsBinary],
  ['pydantic-ai', 'pydantic_ai_client.py', pythonClientsBinary],
  ["OpenAI's client", 'chat_client.py', pythonClientsBinary],
  ["OpenAI's latest client", 'chat_client.py', pythonDevBinary],
  ["OpenAI's client for responses", 'responses_client.py', pythonClientsBinary],
  ["OpenAI's latest client for responses", 'responses_client.py', pythonDevBinary],
  ["Anthropic's client", 'anthropic_client.py', pythonClientsBinary],
  ["Ollama's client", 'ollama_client.py', pythonClientsBinary],
])('%s', (_, script, program) => {
  test(
    'finds all that it asks for',
    async () => {
      await run(program, [join(import.meta.dirname, 'fixtures', script), peer.url, ...models])
    },
    timeoutMs,
  )
})

describe('the llm command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llm-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const llm = (...words: string[]) =>
    run(pythonClientsBinary, ['-m', 'llm', ...words], { LLM_USER_PATH: folder })
  const model = ['-m', 'mesh', '-o', 'max_tokens', '32', '-o', 'temperature', '0']

  test(
    'answers, streams and keeps to a schema',
    async () => {
      const entry = {
        model_id: 'mesh',
        model_name: textModel,
        api_base: `${peer.url}/v1`,
        api_key_name: 'mesh',
      }
      const known = [{ ...entry, supports_schema: true, supports_tools: true }]
      // JSON is YAML, too.
      writeFileSync(join(folder, 'extra-openai-models.yaml'), JSON.stringify(known))
      await llm('keys', 'set', 'mesh', '--value', 'none')
      const streamed = await llm(...model, 'Say something')
      expect(streamed).not.toBe('')
      expect(await llm(...model, '--no-stream', 'Say something')).toBe(streamed)
      const schema = JSON.stringify({
        type: 'object',
        properties: { stars: { enum: [1, 2, 3] } },
        required: ['stars'],
        additionalProperties: false,
      })
      expect([1, 2, 3]).toContain(JSON.parse(await llm(...model, '--schema', schema, 'Rate it')).stars)
    },
    timeoutMs,
  )
})
