import { z } from 'zod'
import { get, post } from '../support/ask.ts'
import type { Door } from '../support/open-door.ts'
import { expectPublishedResponse } from '../support/published.ts'

export const hi = { model: 'org/tiny', input: 'Hi' }

const event = z.looseObject({
  type: z.string(),
  sequence_number: z.number(),
  output_index: z.number().optional(),
  delta: z.string().optional(),
})
const item = z.looseObject({ id: z.string(), type: z.string(), content: z.unknown().optional() })
const response = z.looseObject({ id: z.string(), status: z.string(), output: z.array(item) })

/** A response that is what OpenAI publishes. */
export async function respond(door: Door, more: object = {}, headers = {}) {
  const { status, json } = await post(door, '/v1/responses', { ...hi, ...more }, headers)
  if (status !== 200) throw new Error(JSON.stringify(json))
  expectPublishedResponse('Response', json)
  return response.parse(json)
}

/** What a request is refused with. */
export function refused(door: Door, more: object) {
  return post(door, '/v1/responses', { ...hi, ...more })
}

/** The events of a stream, each of which is what OpenAI publishes and is named as its data says. */
export async function streamResponse(door: Door, more: object = {}) {
  const answer = await fetch(`${door.url}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ ...hi, ...more, stream: true }),
  })
  const blocks = (await answer.text()).split('\n\n').filter(block => block !== '' && !block.startsWith(':'))
  return blocks.map(block => {
    const [, name, data = ''] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? []
    const told: unknown = JSON.parse(data)
    expectPublishedResponse('ResponseStreamEvent', told)
    const parsed = event.parse(told)
    if (parsed.type !== name) throw new Error(`${name} is said to be ${parsed.type}`)
    return parsed
  })
}

const page = z.looseObject({ data: z.array(item), has_more: z.boolean() })

export async function inputItems(door: Door, id: string, query = '') {
  const { json } = await get(door, `/v1/responses/${id}/input_items${query}`)
  expectPublishedResponse('ResponseItemList', json)
  return page.parse(json)
}
