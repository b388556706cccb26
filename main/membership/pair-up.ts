// What the screens and commands of this Mac have to do with pairing: one thing at a time, and how far it is.
import { listInterfaces } from '../fabric/interfaces.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { findInviter, type NearbyMacs, type Place, parsePlace } from './find-inviter.ts'
import type { Membership } from './membership.ts'
import { comeIn } from './pairing/come-in.ts'
import { PairingFailure } from './pairing/failure.ts'
import { drawCode, formatCode, invitationIdOf, parseCode } from './pairing/invitation-code.ts'
import { type Invitation, openInvitation } from './pairing/open-invitation.ts'
import type { Role } from './pairing/secrets.ts'
import type { Compare } from './pairing/talk.ts'
import { connectTo } from './pairing/tcp-channel.ts'

type PairingState =
  | { readonly state: 'idle' }
  | Invited
  | { readonly state: 'joining' }
  | {
      readonly state: 'comparing'
      readonly role: Role
      readonly withName: string
      readonly shortCode: string
      readonly confirmedByUs: boolean
    }
  | { readonly state: 'done'; readonly role: Role; readonly meshName: string; readonly withName: string }
  | { readonly state: 'failed'; readonly reason: string; readonly message: string }

interface Invited {
  readonly state: 'invited'
  /** To be typed on the other Mac. */
  readonly code: string
  readonly invitationId: string
  readonly port: number
  /** `HOST:PORT`, for a Mac that does not find this one by itself. */
  readonly addresses: readonly string[]
  readonly expiresAtMs: number
  /** Why the last try came to nothing; the invitation is still open. */
  readonly lastFailure: string | null
}

export interface Pairing {
  state(): PairingState
  /** What others need to know of an open invitation. */
  invitation(): { readonly port: number; readonly invitationId: string } | null
  /** Opens an invitation, or shows the one that is open; makes a mesh, named after this Mac, where there is none. */
  invite(): Promise<PairingState>
  /** Begins to join with a code; `address` (HOST:PORT) is only needed where mDNS does not reach. Throws MeshError. */
  join(code: string, address: string | null): void
  /** Begins to join a Mac nearby that has an invitation open; two people compare. Throws MeshError. */
  joinNearby(workerId: string): void
  /** Whether both screens show the same. Throws MeshError when there is nothing to compare. */
  confirm(match: boolean): void
  /** Ends whatever is under way. */
  cancel(): void
  onChange(run: () => void): () => void
}

export interface PairingOptions {
  readonly membership: Membership
  readonly nearby: NearbyMacs
  readonly clock: Clock
  readonly log: Log
}

/** Something under way; when it is another one by now, what it still says is not listened to. */
interface Attempt {
  cancel(): void
}

export function createPairing({ membership, nearby, clock, log }: PairingOptions): Pairing {
  let state: PairingState = { state: 'idle' }
  let current: Attempt | null = null
  let invited: Invited | null = null
  let answer: ((match: boolean) => void) | null = null
  const watching = new Set<() => void>()

  return {
    state: () => state,
    invitation: () => invited && { port: invited.port, invitationId: invited.invitationId },
    invite,
    join(code, address) {
      const bytes = parseCode(code)
      const place = address === null ? null : parsePlace(address)
      const id = invitationIdOf(bytes)
      begin(id, bytes, signal => (place ? Promise.resolve(place) : findInviter(nearby, clock, id, signal)))
    },
    joinNearby(workerId) {
      const peer = nearby.peers().find(candidate => candidate.workerId === workerId)
      if (!peer) throw new MeshError('INVALID_REQUEST', 'There is no such Mac nearby.', { param: 'nearby' })
      const { pairing, name, address } = peer
      if (!pairing)
        throw new MeshError(
          'PAIRING_FAILED',
          `${name} lets nobody in right now. Open an invitation there first, with "mlx-mesh invite".`,
        )
      begin(pairing.invitationId, null, async () => ({ host: address, port: pairing.port }))
    },
    confirm(match) {
      if (state.state !== 'comparing' || !answer)
        throw new MeshError('INVALID_REQUEST', 'There is nothing to confirm on this Mac.')
      const say = answer
      answer = null
      if (match) become({ ...state, confirmedByUs: true })
      say(match)
    },
    cancel() {
      current?.cancel()
      end(current, { state: 'idle' })
    },
    onChange(run) {
      watching.add(run)
      return () => watching.delete(run)
    },
  }

  async function invite(): Promise<PairingState> {
    if (state.state === 'invited') return state
    refuseSecond()
    let invitation: Invitation | null = null
    let cancelled = false
    const attempt = {
      cancel() {
        cancelled = true
        invitation?.close()
      },
    }
    current = attempt
    try {
      const { name } = membership.self()
      const mesh = membership.mesh() ?? (await membership.create(name))
      const code = drawCode()
      invitation = await openInvitation({
        code,
        self: membership.self(),
        meshName: mesh.name,
        clock,
        log,
        compare: compareFor(attempt, 'inviter'),
        admit: membership.admit,
        onFailedTry: ({ message }) => {
          if (current !== attempt || !invited) return
          invited = { ...invited, lastFailure: message }
          become(invited)
        },
      })
      if (cancelled) invitation.close()
      else {
        const { id, port, expiresAtMs, ended } = invitation
        const addresses = listInterfaces().map(({ address }) => `${address}:${port}`)
        const shown = { code: formatCode(code), invitationId: id, port, addresses, expiresAtMs }
        invited = { state: 'invited', ...shown, lastFailure: null }
        become(invited)
        nearby.refresh()
        ended.then(
          newcomer =>
            end(attempt, { state: 'done', role: 'inviter', meshName: mesh.name, withName: newcomer.name }),
          failure => fail(attempt, failure),
        )
      }
      return state
    } catch (error) {
      fail(attempt, error)
      throw error
    }
  }

  function begin(id: string, code: Buffer | null, find: (signal: AbortSignal) => Promise<Place>): void {
    refuseSecond()
    const mesh = membership.mesh()
    if (mesh)
      throw new MeshError(
        'INVALID_REQUEST',
        `This Mac is in the mesh "${mesh.name}" already. To join another one, leave it first: "mlx-mesh leave".`,
      )
    const stop = new AbortController()
    const attempt = { cancel: () => stop.abort() }
    current = attempt
    become({ state: 'joining' })
    const joining = async () => {
      const { host, port } = await find(stop.signal)
      const channel = await connectTo(host, port)
      stop.signal.addEventListener('abort', () => channel.end('cancelled'))
      if (stop.signal.aborted) channel.end('cancelled')
      return comeIn({
        channel,
        clock,
        code,
        invitationId: id,
        self: membership.self(),
        compare: compareFor(attempt, 'joiner'),
        join: membership.join,
      })
    }
    joining().then(
      joined => end(attempt, { state: 'done', role: 'joiner', ...joined }),
      error => fail(attempt, error),
    )
  }

  function compareFor(attempt: Attempt, role: Role): Compare {
    return ({ shortCode, withName }) => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      if (current === attempt) {
        answer = resolve
        become({ state: 'comparing', role, withName, shortCode, confirmedByUs: false })
      }
      return promise
    }
  }

  function refuseSecond(): void {
    if (current)
      throw new MeshError(
        'PAIRING_FAILED',
        'This Mac is pairing already. End that first, or wait for its end.',
      )
  }

  function fail(attempt: Attempt, error: unknown): void {
    const { message } = asMeshError(error)
    const reason = error instanceof PairingFailure ? error.reason : 'failed_here'
    log.info('pairing came to nothing', { reason, error: message })
    end(attempt, { state: 'failed', reason, message })
  }

  function end(attempt: Attempt | null, last: PairingState): void {
    if (current !== attempt) return
    const wasOpen = invited !== null
    current = null
    invited = null
    answer = null
    become(last)
    if (wasOpen) nearby.refresh() // nobody shall look for it any more
  }

  function become(next: PairingState): void {
    state = next
    for (const run of watching) run()
  }
}
