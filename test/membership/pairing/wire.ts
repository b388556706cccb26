// Two ends of a handshake, and somebody in between who sees every line and may change, drop, repeat or invent some.
import { Channel } from '../../../main/membership/pairing/channel.ts'
import type { Message } from '../../../main/membership/pairing/messages.ts'

export type From = 'joiner' | 'inviter'

export interface Wires {
  readonly joiner: Channel
  readonly inviter: Channel
  /** All that went over the wire, as its sender wrote it. */
  readonly seen: { readonly from: From; readonly line: string }[]
  /** Puts a line on the wire in the name of one end. */
  forge(from: From, line: string): void
}

/** What becomes of a line: the lines that arrive instead of it. */
export type Meddle = (message: Message, from: From) => readonly (Message | string)[]

export function connectWires(meddle: Meddle = message => [message]): Wires {
  const seen: { from: From; line: string }[] = []
  const queue: (() => void)[] = []
  const soon = (run: () => void) => {
    queue.push(run)
    setImmediate(() => queue.shift()?.())
  }
  const joiner = new Channel({
    write: line => carry('joiner', line),
    hangUp: () => soon(() => inviter.end('closed')),
  })
  const inviter = new Channel({
    write: line => carry('inviter', line),
    hangUp: () => soon(() => joiner.end('closed')),
  })
  return { joiner, inviter, seen, forge: deliver }

  function carry(from: From, line: string): void {
    seen.push({ from, line })
    for (const arriving of meddle(JSON.parse(line), from))
      deliver(from, typeof arriving === 'string' ? arriving : JSON.stringify(arriving))
  }

  function deliver(from: From, line: string): void {
    soon(() => (from === 'joiner' ? inviter : joiner).arrive(line))
  }
}
