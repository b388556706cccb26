// What happens to Macs, by chance: which fault, to whom, for how long.
import { setTimeout as delay } from 'node:timers/promises'
import { sendSignal } from '../machines/processes.ts'
import type { Random } from '../support/random.ts'
import type { Mac } from './mac.ts'

export interface Fault {
  readonly name: string
  readonly mac: Mac
  /** Others should notice that the Mac is lost; not so for a fault that it survives. */
  readonly loses: boolean
  readonly lastsMs: number
  /** Resolves when all is well again, as far as the fault goes. */
  happen(): Promise<void>
}

interface Kind {
  readonly name: string
  readonly loses: boolean
  /** Needs a machine of its own. */
  readonly onMachine: boolean
  readonly lastsMs: readonly [number, number]
  happen(mac: Mac, lastsMs: number): Promise<void>
}

const kinds: readonly Kind[] = [
  {
    name: 'nats-server killed',
    loses: false,
    onMachine: false,
    lastsMs: [0, 0],
    happen: async mac => {
      signalServers(mac, 'SIGKILL')
    },
  },
  {
    name: 'nats-server frozen',
    loses: false,
    onMachine: false,
    lastsMs: [100, 3_000],
    happen: async (mac, lastsMs) => {
      const frozen = signalServers(mac, 'SIGSTOP')
      await delay(lastsMs)
      for (const pid of frozen) sendSignal(pid, 'SIGCONT')
    },
  },
  {
    name: 'peer killed',
    loses: true,
    onMachine: false,
    lastsMs: [500, 4_000],
    happen: (mac, lastsMs) =>
      mac.away(
        () => mac.peer().kill(),
        lastsMs,
        () => mac.startAgain(),
      ),
  },
  {
    name: 'peer restarted',
    loses: true,
    onMachine: false,
    lastsMs: [0, 500],
    happen: (mac, lastsMs) =>
      mac.away(
        () => mac.peer().stop(),
        lastsMs,
        () => mac.startAgain(),
      ),
  },
  {
    name: 'cable pulled',
    loses: true,
    onMachine: true,
    lastsMs: [500, 8_000],
    happen: async ({ machine }, lastsMs) => {
      await machine?.unplug()
      await delay(lastsMs)
      await machine?.plug()
    },
  },
  {
    name: 'asleep',
    loses: true,
    onMachine: true,
    lastsMs: [500, 8_000],
    happen: (mac, lastsMs) =>
      mac.away(
        async () => {
          await mac.machine?.unplug()
          await mac.machine?.freeze()
        },
        lastsMs,
        async () => {
          await mac.machine?.thaw()
          await mac.machine?.plug()
        },
      ),
  },
  {
    name: 'stalled',
    loses: false,
    onMachine: true,
    lastsMs: [100, 2_000],
    happen: (mac, lastsMs) =>
      mac.away(
        async () => mac.machine?.freeze(),
        lastsMs,
        async () => mac.machine?.thaw(),
      ),
  },
  {
    name: 'other address',
    loses: false,
    onMachine: true,
    lastsMs: [0, 0],
    happen: async ({ machine }) => machine?.changeAddress(),
  },
]

export function chooseFault(random: Random, macs: readonly Mac[]): Fault {
  const mac = random.of(macs)
  const kind = random.of(kinds.filter(({ onMachine }) => !onMachine || mac.machine !== null))
  const lastsMs = Math.round(random.between(...kind.lastsMs))
  return { name: kind.name, mac, loses: kind.loses, lastsMs, happen: () => kind.happen(mac, lastsMs) }
}

function signalServers(mac: Mac, signal: NodeJS.Signals): number[] {
  const pids = mac.peer().children('nats-server -c')
  for (const pid of pids) sendSignal(pid, signal)
  return pids
}
