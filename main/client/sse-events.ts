/** What a stream of server-sent events says: the data of each event, and comments (keep-alives) as null. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string | null> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:')) yield line.slice(5).trim()
      else if (line.startsWith(':')) yield null
    }
  }
}
