// Messages from the process that owns this one: over the channel of a child of Node.js, or as a utility process of the
// app, where signals do not arrive. Electron is not imported for that: it leaves its port at `process`.
import { z } from 'zod'

/** `stop`: in order, and `SIGTERM` by another way. */
const fromOwner = z.object({ type: z.literal('stop') })
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
