import { randomUUID } from 'node:crypto'

/** What every answer and every chunk of it repeats. */
export interface AnswerHeader {
  readonly id: string
  readonly created: number
  readonly model: string
  readonly system_fingerprint: string
}

export function makeHeader(prefix: string, model: string, nowMs: number, version: string): AnswerHeader {
  const created = Math.floor(nowMs / 1000)
  return { id: `${prefix}-${randomUUID()}`, created, model, system_fingerprint: `fp_mlx_mesh_${version}` }
}

/** A server-sent event. */
export function makeEvent(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/** Behind the last event of OpenAI's older interfaces. */
export const doneEvent = 'data: [DONE]\n\n'

/** What stands before and behind a text in an event, so that others can put texts in without knowing its shape. */
export function splitAtText(eventWith: (text: string) => string): { head: string; tail: string } {
  const mark = randomUUID()
  const [head = '', tail = ''] = eventWith(mark).split(JSON.stringify(mark))
  return { head, tail }
}
