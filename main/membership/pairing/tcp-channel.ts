// The handshake's messages over TCP, one a line. A stranger may send anything: its size and its time are bounded.
import { connect, type Socket } from 'node:net'
import { readLines } from '../../process/lines.ts'
import { Channel } from './channel.ts'
import { PairingFailure } from './failure.ts'

/** What a newcomer says is short; what it is told holds the roster. */
export const longestQuestionChars = 8 * 1024
const longestAnswerChars = 512 * 1024
const connectMs = 5000
/** For what was written last to go out. */
const lastWordMs = 2000

export function channelOver(socket: Socket, longestChars: number): Channel {
  const channel = new Channel({
    write: line => void socket.write(`${line}\n`),
    hangUp: () => {
      socket.destroySoon()
      socket.setTimeout(lastWordMs, () => socket.destroy())
    },
  })
  socket.setNoDelay(true)
  socket.on('error', () => {}) // 'close' follows
  const reading = readLines(socket, line => channel.arrive(line), {
    longestChars,
    onDropped: () => channel.end('tampered'),
  })
  void reading.then(() => channel.end('closed'))
  return channel
}

/** Rejects with PairingFailure('unreachable'). */
export function connectTo(host: string, port: number): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const give = () => {
      socket.destroy()
      reject(new PairingFailure('unreachable'))
    }
    socket.setTimeout(connectMs, give)
    socket.once('error', give)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('timeout', give)
      socket.off('error', give)
      resolve(channelOver(socket, longestAnswerChars))
    })
  })
}
