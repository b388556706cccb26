// OpenAI's own schemas, held against answers.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'

// Not strict: the schemas leave out types here and there.
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema(fixture('openai-schemas.json'), 'openai')
ajv.addSchema(fixture('openai-response-schemas.json'), 'openai-responses')

type Schema =
  | 'CreateChatCompletionResponse'
  | 'CreateChatCompletionStreamResponse'
  | 'CreateCompletionResponse'
  | 'CreateEmbeddingResponse'
  | 'ListModelsResponse'
  | 'Model'
  | 'ErrorResponse'

type ResponseSchema = 'Response' | 'ResponseStreamEvent' | 'ResponseItemList'

export function expectPublished(schema: Schema, value: unknown): void {
  expectValid(`openai#/$defs/${schema}`, value)
}

export function expectPublishedResponse(schema: ResponseSchema, value: unknown): void {
  expectValid(`openai-responses#/$defs/${schema}`, value)
}

function expectValid(reference: string, value: unknown): void {
  ajv.validate(reference, value)
  expect(ajv.errors ?? [], JSON.stringify(value)).toEqual([])
}

function fixture(name: string): object {
  return JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8'))
}
