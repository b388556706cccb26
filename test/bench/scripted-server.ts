import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Answers every request with the given bytes, in pieces, whatever the pieces cut apart. */
export async function startScriptedServer(
  answer: readonly string[],
  options: { readonly pieceMs?: number; readonly firstAnswerMs?: number; readonly closes?: boolean } = {},
): Promise<{ readonly url: string; readonly requests: () => number; close(): void }> {
  let requests = 0
  const server: Server = createServer({ noDelay: true }, socket => {
    socket.on('error', () => {})
    socket.on('data', async () => {
      const isFirst = requests++ === 0
      if (isFirst && options.firstAnswerMs) await pause(options.firstAnswerMs)
      for (const piece of answer) {
        socket.write(piece)
        await pause(options.pieceMs ?? 1)
      }
      if (options.closes) socket.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return {
    url: `http://127.0.0.1:${address.port}/v1/chat/completions`,
    requests: () => requests,
    close: () => server.close(),
  }
}

export function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`
}

export const streamHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
export const streamEnd = `${chunked('data: [DONE]\n\n')}0\r\n\r\n`

export function tokenEvent(content: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
