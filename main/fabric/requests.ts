// One message, one answer, on top of `publish` and `subscribe`: the same for every bus. One wildcard inbox serves all
// requests of a bus, and a map by number finds the one that is answered.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { Bus, BusMessage } from './bus.ts'

interface Waiting {
  readonly subject: string
  readonly resolve: (data: Uint8Array) => void
  readonly reject: (error: MeshError) => void
  readonly callOffTimeout: () => void
}

export interface Requests {
  readonly request: Bus['request']
  /** The bus closes: nothing will be answered any more. */
  rejectAll(): void
}

export function createRequests(bus: Pick<Bus, 'publish' | 'subscribe'>, clock: Clock): Requests {
  const inbox = `_INBOX.${randomBytes(9).toString('hex')}.`
  const waiting = new Map<string, Waiting>()
  let serial = 0
  let listening = false

  function take(id: string): Waiting | undefined {
    const request = waiting.get(id)
    request?.callOffTimeout()
    waiting.delete(id)
    return request
  }

  function onAnswer(message: BusMessage): void {
    const request = take(message.subject.slice(inbox.length))
    if (!request) return
    if (message.noResponders) request.reject(nobodyListens(request.subject))
    else request.resolve(message.data)
  }

  return {
    async request(subject, data, timeoutMs) {
      if (!listening) bus.subscribe(`${inbox}*`, onAnswer)
      listening = true
      serial += 1
      const id = serial.toString(36)
      bus.publish(subject, data, inbox + id)
      return new Promise((resolve, reject) => {
        const callOffTimeout = clock.after(timeoutMs, () =>
          take(id)?.reject(
            new MeshError('WORKER_LOST', `There was no answer on ${subject} within ${timeoutMs} ms.`),
          ),
        )
        waiting.set(id, { subject, resolve, reject, callOffTimeout })
      })
    },
    rejectAll() {
      for (const id of [...waiting.keys()]) take(id)?.reject(busClosed())
    },
  }
}

export function busClosed(): MeshError {
  return new MeshError('NO_WORKER', 'This Mac has left the mesh: its message bus is closed.')
}

function nobodyListens(subject: string): MeshError {
  return new MeshError('NO_WORKER', `Nobody in the mesh listens on ${subject}.`)
}
