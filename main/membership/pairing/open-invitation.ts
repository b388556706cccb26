// An invitation: for ten minutes another Mac can knock here. Closed, this Mac takes no connection for pairing at all.
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../protocol/clock.ts'
import type { Log } from '../../telemetry/log.ts'
import type { Admission } from '../membership.ts'
import type { Member } from '../roster.ts'
import { PairingFailure, type PairingReason } from './failure.ts'
import { invitationIdOf } from './invitation-code.ts'
import { letIn } from './let-in.ts'
import type { Compare } from './talk.ts'
import { channelOver, longestQuestionChars } from './tcp-channel.ts'

export const invitationMs = 10 * 60_000
const mostConnections = 8

export interface InvitationOptions {
  readonly code: Buffer
  readonly self: Member
  readonly meshName: string
  readonly clock: Clock
  readonly log: Log
  readonly compare: Compare
  readonly admit: (newcomer: Member) => Promise<Admission>
  /** A try came to nothing, and another one may follow. */
  readonly onFailedTry: (failure: PairingFailure) => void
}

export interface Invitation {
  /** Public: the newcomer finds the right Mac by it. */
  readonly id: string
  readonly port: number
  readonly expiresAtMs: number
  /** The newcomer. Rejects with PairingFailure when the invitation has ended without one. */
  readonly ended: Promise<Member>
  close(): void
}

/** These end the invitation: somebody guessed, or a person saw that something is wrong. */
const final: readonly PairingReason[] = ['wrong_code', 'declined_here', 'declined_there']

/** Listens on all interfaces. Rejects when the system lets nobody listen. */
export async function openInvitation(options: InvitationOptions): Promise<Invitation> {
  const { code, self, meshName, clock, log, compare, admit, onFailedTry } = options
  const id = invitationIdOf(code)
  const end = Promise.withResolvers<Member>()
  end.promise.catch(() => {}) // whoever waits for it is told
  const sockets = new Set<Socket>()
  let someoneIsIn = false
  let isOver = false
  let admitting = false
  let admitted = false

  const server = createServer(socket => void receive(socket))
  server.maxConnections = mostConnections
  const port = await listen(server)
  server.on('error', error => log.warn('the door for pairing has a fault', { error: error.message }))
  const expiresAtMs = clock.now() + invitationMs
  const callOff = clock.after(invitationMs, () => {
    isOver = true
    if (!someoneIsIn) finish(new PairingFailure('expired'))
  })
  return { id, port, expiresAtMs, ended: end.promise, close: () => finish(new PairingFailure('cancelled')) }

  async function receive(socket: Socket): Promise<void> {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const channel = channelOver(socket, longestQuestionChars)
    let isTheOne = false
    try {
      const newcomer = await letIn({
        channel,
        clock,
        code,
        invitationId: id,
        self,
        meshName,
        compare,
        begin: () => {
          if (someoneIsIn || isOver) throw new PairingFailure(isOver ? 'unknown_invitation' : 'busy')
          someoneIsIn = true
          isTheOne = true
        },
        admit: async newcomer => {
          admitting = true
          const admission = await admit(newcomer)
          admitted = true
          return admission
        },
      })
      finish(newcomer)
    } catch (error) {
      const failure = error instanceof PairingFailure ? error : new PairingFailure('failed_here')
      log.info('somebody was not let in', { reason: failure.reason, error: detailOf(error) })
      if (!isTheOne) return
      someoneIsIn = false
      if (admitted) finish(new PairingFailure('not_arrived'))
      else if (admitting || isOver || final.includes(failure.reason)) finish(failure)
      else onFailedTry(failure)
    }
  }

  function finish(outcome: Member | PairingFailure): void {
    callOff()
    isOver = true
    server.close()
    if (outcome instanceof PairingFailure) end.reject(outcome)
    else end.resolve(outcome)
    for (const socket of sockets) socket.destroySoon()
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('the door for pairing has no port')
      resolve(address.port)
    })
  })
}

function detailOf(error: unknown): string | null {
  if (error instanceof PairingFailure) return null
  return error instanceof Error ? error.message : String(error)
}
