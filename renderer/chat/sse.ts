// Server-sent events out of a body that comes in pieces, cut anywhere.

/** The data of each event; comments and other fields are left out. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = await reader.read()
      rest += done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true })
      const events = rest.split(/\r?\n\r?\n/)
      rest = events.pop() ?? ''
      for (const event of events) {
        const data = dataOf(event)
        if (data !== null) yield data
      }
      if (done) return
    }
  } finally {
    // Whoever stops listening ends the answer, too.
    await reader.cancel().catch(() => {})
  }
}

function dataOf(event: string): string | null {
  const lines = event.split(/\r?\n/).filter(line => line.startsWith('data:'))
  if (lines.length === 0) return null
  return lines.map(line => line.slice(5).replace(/^ /, '')).join('\n')
}
