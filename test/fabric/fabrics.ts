// The two implementations of the Bus, as the contract test and whoever else wants to run over both sees them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bus } from '../../main/fabric/bus.ts'
import { createMemoryExchange, type MemoryBus } from '../../main/fabric/memory-bus.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import { startNatsServer } from '../../main/fabric/nats-server.ts'
import { type Log, silentLog } from '../../main/telemetry/log.ts'
import { natsServerBinary } from '../support/runtime.ts'

export interface Fabric {
  join(): Promise<Bus>
  /** Breaks the connection of every bus; resolves when they know. It mends by itself, or by `mend`. */
  breakDown(): Promise<void>
  mend(): void
  close(): Promise<void>
}

export async function openMemoryFabric(log: Log = silentLog): Promise<Fabric> {
  const exchange = createMemoryExchange({ log })
  const buses: MemoryBus[] = []
  return {
    async join() {
      const bus = exchange.join()
      buses.push(bus)
      return bus
    },
    async breakDown() {
      for (const bus of buses) bus.interrupt()
    },
    mend() {
      for (const bus of buses) bus.reconnect()
    },
    async close() {
      await Promise.all(buses.map(bus => bus.close()))
    },
  }
}

/** A real nats-server: it breaks by SIGKILL and mends because it is started again. */
export async function openNatsFabric(log: Log = silentLog): Promise<Fabric> {
  const runFolder = await mkdtemp(join(tmpdir(), 'mlx mesh '))
  const server = await startNatsServer({ binary: natsServerBinary, runFolder, log })
  const buses: Bus[] = []
  return {
    async join() {
      const bus = await openNatsBus({ server: server.address, log })
      buses.push(bus)
      return bus
    },
    async breakDown() {
      process.kill(server.pid(), 'SIGKILL')
      while (buses.some(bus => bus.connected)) await nextTurn()
    },
    mend() {},
    async close() {
      await Promise.all(buses.map(bus => bus.close()))
      await server.stop()
      await rm(runFolder, { recursive: true })
    },
  }
}
