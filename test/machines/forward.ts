// Makes servers inside a namespace reachable from this process, which lives outside of it.
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './place.ts'

export interface Forward {
  /** `http://127.0.0.1:PORT` of this machine for a port on the other's loopback. */
  urlOf(port: number): Promise<string>
  /** The process inside. */
  readonly pid: number
  close(): Promise<void>
}

const program = fileURLToPath(new URL('forwarder.ts', import.meta.url))
const readyWithinMs = 15_000

export async function startForward(run: Place['run'], folder: string): Promise<Forward> {
  const socketFile = join(folder, 'forward.sock')
  const inside = run({ command: process.execPath, args: [program, socketFile] })
  const urls = new Map<number, Promise<string>>()
  const servers: Server[] = []
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the forwarder was not ready in time')), readyWithinMs)
    inside.stdout.once('data', () => resolve())
    inside.exited
      .then(({ reason }) => reject(new Error(`the forwarder ${reason}`)))
      .finally(() => clearTimeout(timer))
    inside.stdout.once('data', () => clearTimeout(timer))
  })
  return {
    pid: inside.pid,
    urlOf(port) {
      const url = urls.get(port) ?? listen(port)
      urls.set(port, url)
      return url
    },
    async close() {
      for (const server of servers) server.close()
      await inside.stop(0)
    },
  }

  function listen(port: number): Promise<string> {
    const head = Buffer.alloc(2)
    head.writeUInt16BE(port)
    const server = createServer({ noDelay: true }, outside => {
      const passage = connect(socketFile)
      passage.write(head)
      outside.pipe(passage).pipe(outside)
      outside.on('error', () => passage.destroy()).on('close', () => passage.end())
      passage.on('error', () => outside.destroy()).on('close', () => outside.end())
    })
    servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        if (address !== null && typeof address === 'object') resolve(`http://127.0.0.1:${address.port}`)
      })
    })
  }
}
