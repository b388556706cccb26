// OpenAI's own schemas, held against answers.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

const file = new URL('../../fixtures/openai-schemas.json', import.meta.url)
// Not strict: the schemas leave out types here and there.
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')), 'openai')

type Schema =
  | 'CreateChatCompletionResponse'
  | 'CreateChatCompletionStreamResponse'
  | 'CreateCompletionResponse'
  | 'ListModelsResponse'
  | 'Model'
  | 'ErrorResponse'

export function expectPublished(schema: Schema, value: unknown): void {
  ajv.validate(`openai#/$defs/${schema}`, value)
  expect(ajv.errors ?? [], JSON.stringify(value)).toEqual([])
}
