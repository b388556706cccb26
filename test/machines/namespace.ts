// A network namespace (with a host name of its own) that has no name to be left behind: it is held by a process, which
// ends with this one, also when this one is killed.
import { readdirSync, readlinkSync } from 'node:fs'
import { startChild } from '../../main/process/child.ts'
import { sendSignal } from './processes.ts'

export interface Namespace {
  /** The process that holds it. */
  readonly pid: number
  /** The processes inside, but for the holder. */
  processes(): number[]
  close(): Promise<void>
}

const readyWithinMs = 10_000
const endsWithinMs = 5_000

export async function holdNamespace(hostname: string): Promise<Namespace> {
  const holder = startChild({
    command: 'unshare',
    args: [
      '--net',
      '--uts',
      'sh',
      '-c',
      'hostname "$1" && ip link set lo up && exec cat',
      'holder',
      hostname,
    ],
  })
  await echoOf(holder)
  const network = networkOf(holder.pid)
  const processes = () => processesIn(network).filter(pid => pid !== holder.pid)
  return {
    pid: holder.pid,
    processes,
    async close() {
      const deadlineMs = Date.now() + endsWithinMs
      for (let left = processes(); left.length > 0 && Date.now() < deadlineMs; left = processes()) {
        for (const pid of left) sendSignal(pid, 'SIGKILL')
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      await holder.stop(0)
    },
  }
}

/** `cat` answers when it runs in the new namespace. */
function echoOf(holder: ReturnType<typeof startChild>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a namespace was not ready in time')), readyWithinMs)
    holder.stdout.once('data', () => {
      clearTimeout(timer)
      resolve()
    })
    holder.exited.then(({ reason }) => {
      clearTimeout(timer)
      reject(new Error(`a namespace could not be made: the holder ${reason}`))
    })
    holder.write('ready\n')
  })
}

function processesIn(network: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => networkOf(pid) === network)
}

/** Empty for a process that is gone. */
function networkOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return ''
  }
}
