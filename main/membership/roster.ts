// Who belongs to a mesh, and its secret, as a document of which every member keeps a copy: each entry is replaced by a
// later one, so copies that have met are equal. Pure functions.
import { z } from 'zod'

/** A Mac that has been let in. */
export const member = z.object({
  workerId: z.string().regex(/^[a-z0-9]{10}$/),
  /** As people call it; unique in a mesh. */
  name: z.string().min(1).max(64),
  /** SHA-256 of the DER form of its public key (SubjectPublicKeyInfo), in lower-case hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Member = z.infer<typeof member>

const changedAtMs = z.number().int().nonnegative()

export const roster = z.object({
  /** 256 bits, base64url. */
  secret: z.object({ value: z.string().regex(/^[A-Za-z0-9_-]{43}$/), changedAtMs }),
  entries: z.array(z.object({ member, removed: z.boolean(), changedAtMs })).max(1000),
})
export type Roster = z.infer<typeof roster>
type Entry = Roster['entries'][number]

export function membersOf({ entries }: Roster): Member[] {
  return entries.filter(entry => !entry.removed).map(entry => entry.member)
}

export function isMember({ entries }: Roster, workerId: string): boolean {
  return entries.some(entry => entry.member.workerId === workerId && !entry.removed)
}

/** What both know, the later of each. In whatever order copies meet, they become equal. */
export function merge(mine: Roster, theirs: Roster): Roster {
  const entries = new Map(mine.entries.map(entry => [entry.member.workerId, entry]))
  for (const entry of theirs.entries) {
    const known = entries.get(entry.member.workerId)
    if (!known || isLater(entry, known)) entries.set(entry.member.workerId, entry)
  }
  const secret = isLater(theirs.secret, mine.secret) ? theirs.secret : mine.secret
  return { secret, entries: inOrder([...entries.values()]) }
}

/** Lets a Mac in, or changes what is known of it. The name gets a number when another member has it. */
export function withMember(before: Roster, newcomer: Member, nowMs: number): Roster {
  const taken = new Set(
    membersOf(before).flatMap(({ workerId, name }) => (workerId === newcomer.workerId ? [] : [name])),
  )
  let { name } = newcomer
  for (let number = 2; taken.has(name); number++) name = `${newcomer.name.slice(0, 58)} (${number})`
  return changed(before, { member: { ...newcomer, name }, removed: false, changedAtMs: nowMs })
}

export function withoutMember(before: Roster, workerId: string, nowMs: number): Roster {
  const known = before.entries.find(entry => entry.member.workerId === workerId)
  return known ? changed(before, { ...known, removed: true, changedAtMs: nowMs }) : before
}

/** Somebody who has left still knows the secret. */
export function needsNewSecret({ entries, secret }: Roster): boolean {
  return entries.some(entry => entry.removed && entry.changedAtMs >= secret.changedAtMs)
}

/** Later than everything that was changed before. */
export function withSecret(before: Roster, value: string, nowMs: number): Roster {
  const latestMs = Math.max(before.secret.changedAtMs, ...before.entries.map(entry => entry.changedAtMs))
  return { ...before, secret: { value, changedAtMs: after(latestMs, nowMs) } }
}

function changed(before: Roster, entry: Entry): Roster {
  const { workerId } = entry.member
  const known = before.entries.find(candidate => candidate.member.workerId === workerId)
  const others = before.entries.filter(candidate => candidate !== known)
  const later = { ...entry, changedAtMs: after(known?.changedAtMs ?? 0, entry.changedAtMs) }
  return { ...before, entries: inOrder([...others, later]) }
}

/** A change is later than what it changes, also on a Mac whose clock is behind. */
function after(previousMs: number, nowMs: number): number {
  return Math.max(nowMs, previousMs + 1)
}

/** Of two changes of the same moment every Mac must prefer the same one. */
function isLater<T extends { readonly changedAtMs: number }>(one: T, other: T): boolean {
  if (one.changedAtMs !== other.changedAtMs) return one.changedAtMs > other.changedAtMs
  return JSON.stringify(one) > JSON.stringify(other)
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((one, other) => (one.member.workerId < other.member.workerId ? -1 : 1))
}
