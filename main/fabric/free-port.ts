import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: while the server is
// down nobody's connection takes its port by accident, and a client that knocks cannot connect to itself.
const lowestPort = 20_000
const highestPort = 32_000
const mostAttempts = 100

export async function findFreePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const port = randomInt(lowestPort, highestPort)
    if (await isPortFree(host, port)) return port
  }
  throw new Error(`No free port was found on ${host} between ${lowestPort} and ${highestPort}.`)
}

export function isPortFree(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
