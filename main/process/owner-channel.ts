// Messages from the process that owns this one: over the channel of a child of Node.js, or as a utility process of the
// app, where signals do not arrive. Electron is not imported for that: it leaves its port at `process`.
import { z } from 'zod'

export const ownerKeyBytes = 32

/** `stop`: in order, and `SIGTERM` by another way. `key`: what seals this Mac's secrets; it is nowhere else than in memory. */
const fromOwner = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stop') }),
  z.object({ type: z.literal('key'), key: z.base64() }),
])
type FromOwner = z.infer<typeof fromOwner>

/** Calls `run` with what the owner says; returns how to end it. What it cannot read it drops: the owner may be newer. */
export function hearOwner(run: (message: FromOwner) => void): () => void {
  const hear = (message: unknown) => {
    const read = fromOwner.safeParse(message)
    if (read.success) run(read.data)
  }
  const port = 'parentPort' in process ? process.parentPort : null
  if (port) {
    const hearPort = ({ data }: { data: unknown }) => hear(data)
    port.on('message', hearPort)
    return () => void port.off('message', hearPort)
  }
  process.on('message', hear)
  return () => void process.off('message', hear)
}

/** The key that the owner hands over. Rejects when none has come in time, or none that can be used. */
export function keyOfOwner(withinMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      hearNoMore()
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error('the app that started this process has not handed over the key to its secrets'))
    }, withinMs)
    const hearNoMore = hearOwner(message => {
      if (message.type !== 'key') return
      end()
      const key = Buffer.from(message.key, 'base64')
      if (key.length === ownerKeyBytes) resolve(key)
      else reject(new Error('the key that the app handed over cannot be used'))
    })
  })
}
