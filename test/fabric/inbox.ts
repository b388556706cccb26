import type { Bus, BusMessage } from '../../main/fabric/bus.ts'

export interface Inbox {
  readonly messages: BusMessage[]
  /** The messages as text. */
  texts(): string[]
  /** Resolves when at least so many have arrived; the test's own time limit bounds it. */
  until(count: number): Promise<void>
  readonly end: () => void
}

/** Collects what arrives on a subject. Resolves when the server knows of the subscription. */
export async function openInbox(bus: Bus, subject: string): Promise<Inbox> {
  const messages: BusMessage[] = []
  const waiting = new Map<() => void, number>()
  const end = bus.subscribe(subject, message => {
    messages.push(message)
    for (const [resolve, count] of waiting) if (messages.length >= count) resolve()
  })
  await bus.flush(5_000)
  return {
    messages,
    texts: () => messages.map(message => textOf(message.data)),
    until: count =>
      new Promise(resolve => {
        if (messages.length >= count) resolve()
        else waiting.set(resolve, count)
      }),
    end,
  }
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text)
}

export function textOf(data: Uint8Array): string {
  return Buffer.from(data).toString()
}

/** Resolves at the next reconnection. */
export function reconnectionOf(bus: Bus): Promise<void> {
  return new Promise(resolve => {
    const end = bus.onReconnect(() => {
      end()
      resolve()
    })
  })
}
