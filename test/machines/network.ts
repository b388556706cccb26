// Several machines on one network, in namespaces of this machine: nothing outside of them is touched. The switch is a
// namespace with a bridge; each machine has an interface `eth0`, whose other end is a port of the switch.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ip } from './ip.ts'
import { createMachine, type Machine } from './machine.ts'
import { holdNamespace } from './namespace.ts'

export interface Network {
  /** A machine that is plugged in. */
  addMachine(): Promise<Machine>
  /** These machines see each other and no other one; the others see each other. No connection is closed. */
  split(apart: readonly Machine[]): Promise<void>
  /** Everybody sees everybody again. */
  heal(): Promise<void>
  /** Ends everything that runs on the machines, and removes it all. */
  close(): Promise<void>
}

const subnet = '10.77.0'

export async function createNetwork(): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-mesh-net-'))
  const lan = await holdNamespace('switch')
  const machines: Machine[] = []
  // Without a querier, snooping would keep multicast, and with it mDNS, from those who did not ask in time.
  const bridge = (name: string) => [
    `link add ${name} type bridge mcast_snooping 0 forward_delay 0`,
    `link set ${name} up`,
  ]
  await ip(lan.pid, [...bridge('lan'), ...bridge('island')])

  return {
    async addMachine() {
      const number = machines.length + 1
      const namespace = await holdNamespace(`mac-${number}`)
      const port = `port${number}`
      await ip(lan.pid, [
        `link add ${port} type veth peer name eth0 netns ${namespace.pid}`,
        `link set ${port} master lan`,
        `link set ${port} up`,
      ])
      const machine = await createMachine({
        namespace,
        name: `mac-${number}`,
        folder: mkdtempSync(join(folder, `mac-${number}-`)),
        subnet,
        number,
        plug: isIn => ip(lan.pid, [`link set ${port} ${isIn ? 'up' : 'down'}`]),
      })
      machines.push(machine)
      return machine
    },
    split: apart =>
      ip(
        lan.pid,
        machines.map(
          (machine, at) => `link set port${at + 1} master ${apart.includes(machine) ? 'island' : 'lan'}`,
        ),
      ),
    heal: () =>
      ip(
        lan.pid,
        machines.map((_, at) => `link set port${at + 1} master lan`),
      ),
    async close() {
      await Promise.all(machines.map(machine => machine.close()))
      await lan.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
