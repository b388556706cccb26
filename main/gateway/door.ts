// One door: an HTTP server at one port. Where other machines can reach that port, each connection is told apart by its first
// byte: TLS is for everybody, plain HTTP for this Mac's own programs alone, so they need no certificate and no other port.
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
  type Socket,
} from 'node:net'
import { plainAddress } from '../access/address.ts'
import type { DoorCertificate } from '../access/door-certificate.ts'
import { isLoopback } from '../config/addresses.ts'
import { answerBrokenRequest, refusePlainHttp } from './broken-request.ts'
import type { Limits } from './limits.ts'

export interface Door {
  /** Rejects with Node's EADDRINUSE when the port is taken. */
  listen(port: number): Promise<{ readonly host: string; readonly port: number }>
  /** Resolves when every connection has ended. */
  close(): Promise<void>
  closeIdle(): void
  cut(): void
}

export interface DoorOptions {
  readonly bindAddress: string
  /** Null: other machines speak plain HTTP, too. */
  readonly certificate: DoorCertificate | null
  readonly limits: Pick<
    Limits,
    'headersTimeoutMs' | 'requestTimeoutMs' | 'idleConnectionMs' | 'foreignConnections'
  >
  readonly receive: RequestListener
  /** Called with each server that speaks HTTP here. */
  readonly prepare: (server: Server) => void
}

const loopback = '127.0.0.1'
const everywhere = ['0.0.0.0', '::']
/** The first byte of a TLS handshake (RFC 8446, 5.1); no method of HTTP begins so. */
const handshake = 0x16

export function createDoor(options: DoorOptions): Door {
  const { bindAddress, limits, receive, prepare } = options
  const http: ServerOptions = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    keepAliveTimeout: limits.idleConnectionMs,
    noDelay: true,
  }
  const plain = createServer(http, receive)
  const servers = [plain]
  // A body that is announced this way is asked for when it is wanted, in `readJson`.
  plain.on('checkContinue', receive)
  plain.on('clientError', answerBrokenRequest)
  prepare(plain)
  if (isLoopback(bindAddress)) return doorOf(servers, port => listenOn(plain, bindAddress, port), [plain])

  const secure = options.certificate && openSecure(options.certificate)
  if (secure) servers.push(secure)
  const waiting = new Set<Socket>()
  const isFull = countForeign(limits.foreignConnections)
  const takes = (socket: Socket) => {
    if (isFull(socket)) socket.destroy()
    else tellApart(socket, { plain, secure, waiting, patienceMs: limits.headersTimeoutMs })
  }
  const addresses = everywhere.includes(bindAddress) ? [bindAddress] : [bindAddress, loopback]
  const listeners = addresses.map(() => createListener({ noDelay: true }, takes))
  // They get their connections from us, and watch over them as if they listened themselves.
  for (const server of servers) server.emit('listening')
  const door = doorOf(
    servers,
    async port => {
      const [first, ...others] = listeners
      if (!first) throw new Error('a door without a listener')
      const at = await listenOn(first, bindAddress, port)
      for (const other of others) await listenOn(other, loopback, at.port)
      return at
    },
    listeners,
  )
  return {
    ...door,
    close: () => {
      for (const socket of waiting) socket.destroy()
      for (const server of servers) server.close()
      return door.close()
    },
  }

  function openSecure(certificate: DoorCertificate): Server {
    const server = createSecureServer(
      { ...http, ...certificate.current(), minVersion: 'TLSv1.2', handshakeTimeout: limits.headersTimeoutMs },
      receive,
    )
    server.on('checkContinue', receive)
    // What fails before there is a connection cannot be answered in HTTP.
    server.removeAllListeners('tlsClientError')
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    server.on('clientError', answerBrokenRequest)
    prepare(server)
    const stop = certificate.onChange(() =>
      server.setSecureContext({ ...certificate.current(), minVersion: 'TLSv1.2' }),
    )
    server.once('close', stop)
    return server
  }
}

function doorOf(servers: readonly Server[], listen: Door['listen'], listeners: readonly Listener[]): Door {
  return {
    listen,
    close: async () => {
      await Promise.all(
        listeners.map(listener => new Promise<void>(resolve => listener.close(() => resolve()))),
      )
    },
    closeIdle: () => {
      for (const server of servers) server.closeIdleConnections()
    },
    cut: () => {
      for (const server of servers) server.closeAllConnections()
    },
  }
}

/** Whoever opens more and more of them takes no files from this Mac's own programs. Nothing is kept of one that is not taken. */
function countForeign(most: number): (socket: Socket) => boolean {
  let open = 0
  return socket => {
    if (isLoopback(plainAddress(socket.remoteAddress ?? ''))) return false
    if (open >= most) return true
    open++
    socket.once('close', () => open--)
    return false
  }
}

interface Behind {
  readonly plain: Server
  readonly secure: Server | null
  /** Connections of which nothing is known yet. */
  readonly waiting: Set<Socket>
  readonly patienceMs: number
}

function tellApart(socket: Socket, { plain, secure, waiting, patienceMs }: Behind): void {
  if (!secure) {
    plain.emit('connection', socket)
    return
  }
  waiting.add(socket)
  const giveUp = setTimeout(() => socket.destroy(), patienceMs)
  const onError = () => socket.destroy()
  socket.on('error', onError)
  socket.once('close', () => {
    clearTimeout(giveUp)
    waiting.delete(socket)
  })
  socket.once('readable', () => {
    clearTimeout(giveUp)
    waiting.delete(socket)
    const first: unknown = socket.read(1)
    if (!Buffer.isBuffer(first)) {
      socket.destroy()
      return
    }
    socket.unshift(first)
    socket.off('error', onError)
    if (first[0] === handshake) secure.emit('connection', socket)
    else if (isLoopback(plainAddress(socket.remoteAddress ?? ''))) plain.emit('connection', socket)
    else refusePlainHttp(socket)
  })
}

function listenOn(listener: Listener, host: string, port: number): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen({ host, port }, () => {
      listener.off('error', reject)
      resolve(placeOf(listener.address()))
    })
  })
}

function placeOf(address: AddressInfo | string | null): { host: string; port: number } {
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return { host: address.address, port: address.port }
}
