import { connect, type Socket } from 'node:net'
import { AnswerReader, type AnswerSink } from './answer-reader.ts'

/** Whoever waits for the answer: `onEnd` or `onFail` is called once, and ends the exchange. */
export interface Waiting extends AnswerSink {
  onFail(reason: string): void
}

/** One keep-alive connection with one request under way at a time. Connects again when the server has closed it. */
export class Connection {
  readonly #host: string
  readonly #port: number
  #socket: Socket | null = null
  #waiting: Waiting | null = null

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  send(request: Buffer, waiting: Waiting): void {
    this.#waiting = waiting
    this.#socket ??= this.#connect()
    this.#socket.write(request)
  }

  /** An exchange under way fails with `reason`. */
  close(reason: string): void {
    this.#socket?.destroy()
    this.#fail(reason)
  }

  #connect(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true })
    const reader = new AnswerReader({
      onHead: status => this.#waiting?.onHead(status),
      onBody: bytes => this.#waiting?.onBody(bytes),
      onEnd: () => {
        if (reader.closing) this.#drop(socket)
        this.#take()?.onEnd()
      },
    })
    socket.on('data', bytes => {
      try {
        reader.push(bytes)
      } catch (error) {
        this.#lose(socket, error instanceof Error ? error.message : String(error))
      }
    })
    socket.on('end', () => reader.endOfInput())
    socket.on('error', error => this.#lose(socket, error.message))
    socket.on('close', () => this.#lose(socket, 'the connection was closed'))
    return socket
  }

  /** A socket that was dropped has nothing to do with the exchange under way. */
  #lose(socket: Socket, reason: string): void {
    if (this.#socket !== socket) return
    this.#drop(socket)
    this.#fail(reason)
  }

  #drop(socket: Socket): void {
    if (this.#socket === socket) this.#socket = null
    socket.destroy()
  }

  #fail(reason: string): void {
    this.#take()?.onFail(reason)
  }

  #take(): Waiting | null {
    const waiting = this.#waiting
    this.#waiting = null
    return waiting
  }
}
