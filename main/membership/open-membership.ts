// The membership of this Mac: kept in a file, told to the other members, and obeyed by its nats-server.
import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Bus } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { encodeJson } from '../protocol/json.ts'
import { subjects } from '../protocol/subjects.ts'
import { type PeerBeat, peerBeat } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import type { Admission, Membership } from './membership.ts'
import type { Mesh } from './mesh-file.ts'
import { fingerprintOf, makeKey } from './own-key.ts'
import {
  isMember,
  type Member,
  membersOf,
  merge,
  mostEntries,
  needsNewSecret,
  type Roster,
  roster as rosterSchema,
  withMember,
  withoutMember,
  withSecret,
} from './roster.ts'

export interface MembershipOptions {
  readonly workerId: string
  /** Of this Mac, for people, where no mesh knows another one. */
  readonly name: string
  /** Keeps what its owner calls it from now on, for a time without a mesh and for the next one. */
  readonly keepName: (name: string) => void
  /** As it was kept; null: this Mac is in no mesh. */
  readonly kept: Mesh | null
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** Keeps the mesh and makes nats-server obey it: when it resolves, who was removed is cut off. */
  readonly enforce: (mesh: Mesh | null) => Promise<void>
  /** Where this Mac and others take routes, for a newcomer. */
  readonly routes: () => Admission['routes']
  /** Of two members that could, one does what must happen once. */
  readonly isLeader: () => boolean
}

export interface OpenMembership extends Membership {
  /** Says which copy of the roster this Mac has; null without a mesh. */
  digest(): string | null
  /** What its members share; null without a mesh. It stays in this room. */
  secret(): string | null
  close(): void
}

const rosterMessage = z.object({ meshId: z.string(), roster: rosterSchema })
/** Copies that differ are told of as often as this. */
const tellEachMs = 500
/** Twice as long as this the one who removed a Mac has for changing the secret, before the leader does it. */
const secretLookMs = 1_000
const flushTimeoutMs = 1_000

export function openMembership(options: MembershipOptions): OpenMembership {
  const { workerId, bus, clock, log, enforce } = options
  let current = options.kept
  let ownName = options.name.slice(0, 64)
  /** For the next mesh: each one sees another key. */
  let key = current?.key ?? makeKey()
  let toldAtMs = 0
  let secretWasDue = false
  let work: Promise<unknown> = Promise.resolve()
  const listeners = new Set<() => void>()

  const stop = [
    bus.subscribe(
      subjects.roster,
      parsed(rosterMessage, log, told => unattended(() => hear(told))),
    ),
    bus.subscribe(subjects.peer, parsed(peerBeat, log, heed)),
    bus.onReconnect(tell),
    clock.every(secretLookMs, lookAtSecret),
  ]

  return {
    self: ownRecord,
    mesh: () => current && { meshId: current.meshId, name: current.meshName },
    members: () => (current ? membersOf(current.roster) : []),
    digest: () => current && digestOf(current.roster),
    secret: () => current?.roster.secret.value ?? null,
    create: meshName => inTurn(() => create(meshName)),
    admit: newcomer => inTurn(() => admit(newcomer)),
    join: admission => inTurn(() => join(admission)),
    leave: () => inTurn(leave),
    remove: id => inTurn(() => remove(id)),
    rename: name => inTurn(() => rename(name)),
    onChange(run) {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    close() {
      for (const end of stop) end()
    },
  }

  function ownRecord(): Member {
    const known = current && membersOf(current.roster).find(member => member.workerId === workerId)
    return known ?? { workerId, name: ownName, key: fingerprintOf(key) }
  }

  async function create(meshName: string) {
    refuseSecondMesh()
    const secret = { value: drawSecret(), removals: 0 }
    const meshId = randomBytes(9).toString('base64url')
    const roster = withMember({ secret, entries: [] }, ownRecord(), clock.now())
    await change({ meshId, meshName, key, roster, previous: [], routes: [] })
    log.info('a mesh was made', { meshId, meshName })
    return { meshId, name: meshName }
  }

  async function admit(newcomer: Member): Promise<Admission> {
    const mesh = ownMesh()
    if (mesh.roster.entries.length >= mostEntries)
      throw new MeshError('INVALID_REQUEST', `A mesh takes in no more than ${mostEntries} Macs in its life.`)
    const roster = withMember(mesh.roster, newcomer, clock.now())
    await change({ ...mesh, roster })
    log.info('a Mac was let in', { workerId: newcomer.workerId, name: newcomer.name })
    return { meshId: mesh.meshId, meshName: mesh.meshName, roster, routes: options.routes() }
  }

  async function join({ meshId, meshName, roster, routes }: Admission): Promise<void> {
    refuseSecondMesh()
    if (!isMember(roster, workerId))
      throw new MeshError('INVALID_REQUEST', 'The other Mac let somebody else in.')
    await change({ meshId, meshName, key, roster, previous: [], routes })
    log.info('this Mac has joined a mesh', { meshId, meshName, members: membersOf(roster).length })
  }

  async function leave(): Promise<void> {
    const mesh = ownMesh()
    await publish(withoutMember(mesh.roster, workerId), mesh)
    await becomeStranger()
    log.info('this Mac has left its mesh', { meshId: mesh.meshId })
  }

  async function remove(id: string): Promise<void> {
    const mesh = ownMesh()
    if (id === workerId)
      throw new MeshError('INVALID_REQUEST', 'This Mac removes itself by leaving the mesh.')
    if (!isMember(mesh.roster, id)) {
      throw new MeshError('INVALID_REQUEST', `No member of the mesh has the id ${id}.`, { param: 'workerId' })
    }
    const roster = withoutMember(mesh.roster, id)
    // It is told, so that it does not knock for ever; what follows it does not hear any more.
    await publish(roster, mesh)
    await change({ ...mesh, roster })
    await renewSecret()
    log.info('a Mac was removed', { workerId: id })
  }

  async function rename(name: string): Promise<void> {
    options.keepName(name)
    ownName = name
    if (current)
      await change({
        ...current,
        roster: withMember(current.roster, { ...ownRecord(), name }, clock.now()),
      })
    else for (const run of listeners) run()
  }

  /** Whoever has left is cut off already: a message reaches only servers that are joined to ours. */
  async function renewSecret(): Promise<void> {
    if (!current || !needsNewSecret(current.roster)) return
    const roster = withSecret(current.roster, drawSecret())
    await change(withPrevious({ ...current, roster }, current))
  }

  /** Somebody left by himself, or who removed him died before he had changed the secret. */
  function lookAtSecret(): void {
    const isDue = current !== null && needsNewSecret(current.roster)
    if (isDue && secretWasDue && options.isLeader()) unattended(renewSecret)
    secretWasDue = isDue
  }

  async function hear({ meshId, roster }: z.infer<typeof rosterMessage>): Promise<void> {
    if (current?.meshId !== meshId) return
    const merged = merge(current.roster, roster)
    if (digestOf(merged) === digestOf(current.roster)) return
    if (!isMember(merged, workerId)) {
      log.warn('this Mac was removed from its mesh', { meshId })
      await becomeStranger()
      return
    }
    const before = current
    await change(withPrevious({ ...before, roster: merged }, before))
  }

  /** The old secret is trusted until every member has been heard of with the new one; the keys of members are pinned anyway. */
  function withPrevious(next: Mesh, before: Mesh): Mesh {
    const old = before.roster.secret.value
    if (next.roster.secret.value === old) return next
    const awaited = membersOf(next.roster).flatMap(({ workerId: id }) => (id === workerId ? [] : [id]))
    return awaited.length === 0 ? next : { ...next, previous: [...next.previous, { secret: old, awaited }] }
  }

  function heed(beat: PeerBeat): void {
    if (!current || beat.workerId === workerId || !isMember(current.roster, beat.workerId)) return
    if (beat.roster !== digestOf(current.roster)) {
      tell()
      return
    }
    if (current.previous.some(({ awaited }) => awaited.includes(beat.workerId)))
      unattended(() => awaitNoLonger(beat))
  }

  async function awaitNoLonger({ workerId: id, roster }: PeerBeat): Promise<void> {
    if (!current || roster !== digestOf(current.roster)) return // the secret was changed once more meanwhile
    const mesh = current
    const previous = mesh.previous
      .map(({ secret, awaited }) => ({ secret, awaited: awaited.filter(other => other !== id) }))
      .filter(({ awaited }) => awaited.some(other => isMember(mesh.roster, other)))
    await enforce({ ...mesh, previous })
    current = { ...mesh, previous }
  }

  function tell(): void {
    if (!current || clock.now() - toldAtMs < tellEachMs) return
    toldAtMs = clock.now()
    say(current.roster, current)
  }

  async function change(next: Mesh): Promise<void> {
    await enforce(next)
    current = next
    say(next.roster, next)
    for (const run of listeners) run()
  }

  async function becomeStranger(): Promise<void> {
    await enforce(null)
    current = null
    key = makeKey()
    for (const run of listeners) run()
  }

  async function publish(roster: Roster, mesh: Mesh): Promise<void> {
    say(roster, mesh)
    await bus.flush(flushTimeoutMs).catch(() => {}) // who is not connected hears it later, or is cut off unheard
  }

  function say(roster: Roster, { meshId }: Mesh): void {
    try {
      bus.publish(subjects.roster, encodeJson({ meshId, roster } satisfies z.infer<typeof rosterMessage>))
    } catch (error) {
      log.debug('the roster could not be told', { error })
    }
  }

  function ownMesh(): Mesh {
    if (current) return current
    throw new MeshError('INVALID_REQUEST', 'This Mac is in no mesh.')
  }

  function refuseSecondMesh(): void {
    if (!current) return
    throw new MeshError(
      'INVALID_REQUEST',
      `This Mac is in the mesh "${current.meshName}" already; leave it first ("mlx-mesh leave").`,
    )
  }

  /** One change at a time, each on top of the one before. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = work.then(run)
    work = result.catch(() => {})
    return result
  }

  /** Nobody waits for it. */
  function unattended(run: () => Promise<void>): void {
    inTurn(run).catch(error =>
      log.error('the membership of this Mac could not be brought up to date', { error }),
    )
  }
}

function drawSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** It holds the secret, of which 256 bits are drawn by chance: the digest tells nothing. */
function digestOf(roster: Roster): string {
  return createHash('sha256').update(JSON.stringify(roster)).digest('base64url').slice(0, 16)
}
