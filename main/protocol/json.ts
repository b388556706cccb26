import { z } from 'zod'

/** The JSON value in a message's bytes. Throws SyntaxError when they hold none. */
export function decodeJson(data: Uint8Array): unknown {
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
}

/** Why a message could not be read, for a log: not a word of what it says, which may be a prompt or an answer. */
export function faultOf(thrown: unknown): string {
  if (thrown instanceof z.ZodError) {
    const [first] = thrown.issues
    return `${String(first?.path[0] ?? 'message')}: ${first?.code}`
  }
  if (thrown instanceof SyntaxError) return placeOf(thrown)
  return thrown instanceof Error ? thrown.name : typeof thrown
}

/** V8's own words quote the text that is no JSON: only the place is told, where they name one. */
function placeOf({ message }: SyntaxError): string {
  const place = /line (\d+) column (\d+)/.exec(message)
  if (place) return `it goes wrong at line ${place[1]}, column ${place[2]}`
  return message.startsWith('Unexpected end') ? 'it ends too early' : 'a value is malformed'
}

export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}
