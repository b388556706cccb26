// One machine of a test network: runs programs, and suffers what real machines suffer.
import { startChild } from '../../main/process/child.ts'
import { type Forward, startForward } from './forward.ts'
import { enter, ip } from './ip.ts'
import type { Namespace } from './namespace.ts'
import type { Place } from './place.ts'
import { sendSignal } from './processes.ts'

export interface Machine extends Place {
  /** Of all programs on it. */
  processes(): number[]
  /** The cable is pulled: the link is gone, and no connection is told. */
  unplug(): Promise<void>
  plug(): Promise<void>
  /** Gives it another address, as a router may after a while. */
  changeAddress(): Promise<void>
  /** All its programs stand still, as in sleep; its kernel goes on, so unplug it for a lid that is shut. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  close(): Promise<void>
}

export interface MachineParts {
  readonly namespace: Namespace
  readonly name: string
  /** Its own. */
  readonly folder: string
  /** The first three numbers of its addresses. */
  readonly subnet: string
  /** The fourth one, and different for each machine. */
  readonly number: number
  plug(isIn: boolean): Promise<void>
}

/** Between a machine's four addresses, so that no two of up to 59 machines ever share one. */
const addressStep = 60

export async function createMachine(parts: MachineParts): Promise<Machine> {
  const { namespace, name, folder, subnet, number, plug } = parts
  const gateway = `${subnet}.254`
  let host = number
  let forward: Promise<Forward> | null = null
  await ip(namespace.pid, ['link set eth0 up', ...addressed()])

  const run: Place['run'] = program => {
    const [command, args] = enter(namespace.pid)
    return startChild({
      ...program,
      command,
      args: [...args, program.command, ...program.args],
      guarded: true,
    })
  }
  const openForward = () => {
    forward ??= startForward(run, folder)
    return forward
  }
  const signalAll = async (signal: NodeJS.Signals) => {
    const spared = (await forward)?.pid
    for (const pid of namespace.processes()) if (pid !== spared) sendSignal(pid, signal)
  }
  return {
    name,
    get address() {
      return `${subnet}.${host}`
    },
    run,
    urlOf: async port => (await openForward()).urlOf(port),
    processes: namespace.processes,
    unplug: () => plug(false),
    plug: () => plug(true),
    async changeAddress() {
      host = number + ((host - number + addressStep) % (4 * addressStep))
      await ip(namespace.pid, ['address flush dev eth0 scope global', ...addressed()])
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async close() {
      await (await forward)?.close()
      await namespace.close()
    },
  }

  /** With a way out that leads nowhere: programs ask for one before they speak to a network. */
  function addressed(): string[] {
    return [
      `address add ${subnet}.${host}/24 broadcast + dev eth0`,
      `route replace default via ${gateway} dev eth0`,
    ]
  }
}
