// How apps and programs are told where the endpoint is. Pure: an address and a model become text.

export interface Snippet {
  readonly id: string
  readonly name: string
  /** What to do with it. */
  readonly hint: string
  /** Null: the fields of the app, each to be copied. */
  readonly code: string | null
}

export function snippetsFor(baseUrl: string, modelId: string, contextTokens: number): Snippet[] {
  return [
    { id: 'curl', name: 'curl', hint: 'In a terminal:', code: curl(baseUrl, modelId) },
    {
      id: 'python',
      name: 'Python',
      hint: 'With the package openai (pip install openai):',
      code: python(baseUrl, modelId),
    },
    {
      id: 'node',
      name: 'Node',
      hint: 'With the package openai (npm install openai):',
      code: node(baseUrl, modelId),
    },
    {
      id: 'continue',
      name: 'Continue',
      hint: 'In VS Code or JetBrains, in ~/.continue/config.yaml:',
      code: continueConfig(baseUrl, modelId),
    },
    {
      id: 'zed',
      name: 'Zed',
      hint: 'In settings.json. Zed asks for an API key under LLM Providers: anything will do.',
      code: zed(baseUrl, modelId, contextTokens),
    },
    {
      id: 'webui',
      name: 'Open WebUI',
      hint: 'Admin Settings › Connections › OpenAI › Add Connection. From inside Docker the address is host.docker.internal instead of 127.0.0.1; allow that name in cluster.yaml (controller.api.allowed_hosts).',
      code: null,
    },
    {
      id: 'other',
      name: 'Other apps',
      hint: 'Look for “OpenAI compatible”, “custom endpoint” or “base URL” in the settings of the app.',
      code: null,
    },
  ]
}

function curl(baseUrl: string, modelId: string): string {
  return `curl ${baseUrl}/chat/completions \\
  -H 'content-type: application/json' \\
  -d '{
    "model": "${modelId}",
    "messages": [{ "role": "user", "content": "Hello" }]
  }'`
}

function python(baseUrl: string, modelId: string): string {
  return `from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key="none")
answer = client.chat.completions.create(
    model="${modelId}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`
}

function node(baseUrl: string, modelId: string): string {
  return `import OpenAI from 'openai'

const client = new OpenAI({ baseURL: '${baseUrl}', apiKey: 'none' })
const answer = await client.chat.completions.create({
  model: '${modelId}',
  messages: [{ role: 'user', content: 'Hello' }],
})
console.log(answer.choices[0].message.content)`
}

function continueConfig(baseUrl: string, modelId: string): string {
  return `name: MLX Mesh
version: 0.0.1
schema: v1
models:
  - name: MLX Mesh
    provider: openai
    model: ${modelId}
    apiBase: ${baseUrl}
    apiKey: none
    roles: [chat, edit, apply]`
}

function zed(baseUrl: string, modelId: string, contextTokens: number): string {
  const models = [{ name: modelId, display_name: 'MLX Mesh', max_tokens: contextTokens }]
  const settings = {
    language_models: { openai_compatible: { 'MLX Mesh': { api_url: baseUrl, available_models: models } } },
  }
  return JSON.stringify(settings, null, 2)
}
