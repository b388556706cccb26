import { connect, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far. */
  text(): string
  /** Resolves when the text received contains this. */
  until(part: string): Promise<string>
  /** Resolves with the text when the other side has closed. */
  closed: Promise<string>
}

/** A connection without an HTTP client in between. */
export function connectRaw(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1')
  const chunks: string[] = []
  const waiting = new Set<(chunk: string) => void>()
  const text = () => chunks.join('')
  socket.setEncoding('utf8').on('data', chunk => {
    chunks.push(String(chunk))
    for (const hear of waiting) hear(String(chunk))
  })
  const closed = new Promise<string>(resolve => {
    socket.on('error', () => {}).once('close', () => resolve(text()))
  })
  return {
    socket,
    closed,
    text,
    until: part =>
      new Promise(resolve => {
        // Only the end is searched again: the whole may be large.
        let end = ''
        const hear = (chunk: string) => {
          end += chunk
          const found = end.includes(part)
          end = end.slice(-part.length)
          if (!found) return
          waiting.delete(hear)
          resolve(text())
        }
        waiting.add(hear)
        hear(text())
      }),
  }
}

/** One request and the whole answer; the connection is closed after it. */
export function askRaw(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
) {
  const connection = connectRaw(port)
  const all = { host: `127.0.0.1:${port}`, connection: 'close', ...headers }
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries({ ...length, ...all }).map(([name, value]) => `${name}: ${value}`)
  connection.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  return connection.closed
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])
}
