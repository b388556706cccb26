// Who belongs to a mesh, and its secret, as a document of which every member keeps a copy: copies that
// have met are equal, and a removal is for ever. Pure functions.
import { z } from 'zod'

/** What a Mac is called. It is shown in terminals, where control characters would draw what a stranger likes. */
export const macName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^\P{C}*$/u, 'expected no control characters')

/** A Mac that has been let in. */
export const member = z.object({
  workerId: z.string().regex(/^[a-z0-9]{10}$/),
  /** As people call it; given once in a mesh, as far as the Mac that gave it knew. */
  name: macName,
  /** SHA-256 of the DER form of its public key (SubjectPublicKeyInfo), in lower-case hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Member = z.infer<typeof member>

const entry = z.object({
  member,
  /** How often this key had been let in before. A removal is for ever; who comes back has another entry. */
  admission: z.int().nonnegative(),
  removed: z.boolean(),
  changedAtMs: z.int().nonnegative(),
})
type Entry = z.infer<typeof entry>

export const mostEntries = 1000

export const roster = z
  .object({
    /** `value`: 256 bits, base64url. `removals`: how many it was kept from when it was drawn. */
    secret: z.object({ value: z.string().regex(/^[A-Za-z0-9_-]{43}$/), removals: z.int().nonnegative() }),
    entries: z.array(entry).max(mostEntries),
  })
  .refine(({ secret, entries }) => secret.removals <= removalsIn(entries), 'a secret that nobody can replace')
export type Roster = z.infer<typeof roster>

export function membersOf({ entries }: Roster): Member[] {
  return entries.filter(({ removed }) => !removed).map(({ member }) => member)
}

export function isMember(roster: Roster, workerId: string): boolean {
  return membersOf(roster).some(member => member.workerId === workerId)
}

/** What both know. In whatever order copies meet, they become equal. */
export function merge(mine: Roster, theirs: Roster): Roster {
  const entries = new Map(mine.entries.map(entry => [idOf(entry), entry]))
  for (const entry of theirs.entries) {
    const known = entries.get(idOf(entry))
    if (!known || replaces(entry, known)) entries.set(idOf(entry), entry)
  }
  const secret = isNewer(theirs.secret, mine.secret) ? theirs.secret : mine.secret
  return { secret, entries: inOrder([...entries.values()]) }
}

/** Lets a Mac in, or changes what is known of it. The name gets a number when another member has it. */
export function withMember(before: Roster, newcomer: Member, nowMs: number): Roster {
  const ofThisMac = before.entries.filter(({ member }) => member.workerId === newcomer.workerId)
  const ofThisKey = ofThisMac.filter(({ member }) => member.key === newcomer.key)
  const known = ofThisKey.find(({ removed }) => !removed)
  const entry = {
    member: { ...newcomer, name: freeName(before, newcomer) },
    admission: known?.admission ?? ofThisKey.length,
    removed: false,
    // A change is later than what it changes, also on a Mac whose clock is behind.
    changedAtMs: Math.max(nowMs, known ? known.changedAtMs + 1 : 0),
  }
  const others = before.entries
    .filter(candidate => candidate !== known)
    // A Mac that was set up anew has another key: the old one is good for nothing any more.
    .map(candidate => (ofThisMac.includes(candidate) ? { ...candidate, removed: true } : candidate))
  return { ...before, entries: inOrder([...others, entry]) }
}

export function withoutMember(before: Roster, workerId: string): Roster {
  const entries = before.entries.map(entry =>
    entry.member.workerId === workerId ? { ...entry, removed: true } : entry,
  )
  return { ...before, entries }
}

/** Somebody who has left still knows the secret. Counted, because clocks of Macs differ. */
export function needsNewSecret({ entries, secret }: Roster): boolean {
  return removalsIn(entries) > secret.removals
}

export function withSecret(before: Roster, value: string): Roster {
  return { ...before, secret: { value, removals: removalsIn(before.entries) } }
}

function removalsIn(entries: readonly Entry[]): number {
  return entries.filter(({ removed }) => removed).length
}

function freeName(before: Roster, { workerId, name }: Member): string {
  const others = membersOf(before).filter(member => member.workerId !== workerId)
  const taken = new Set(others.map(member => member.name))
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name.slice(0, 58).toWellFormed()} (${number})`
  return free
}

function idOf({ member, admission }: Entry): string {
  return `${member.workerId} ${member.key} ${admission}`
}

/** Whoever changes what is known of a Mac that was removed, now or by a clock that is ahead, does not bring it back. */
function replaces(one: Entry, other: Entry): boolean {
  if (one.removed !== other.removed) return one.removed
  if (one.changedAtMs !== other.changedAtMs) return one.changedAtMs > other.changedAtMs
  return JSON.stringify(one) > JSON.stringify(other)
}

/** Of two that were drawn after as many removals every Mac must prefer the same one. */
function isNewer(one: Roster['secret'], other: Roster['secret']): boolean {
  return one.removals === other.removals ? one.value > other.value : one.removals > other.removals
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
}
