// Machines made of network namespaces, joined by a bridge that stands in a namespace of its own: this machine's own
// network is not touched.
import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** Why there can be none on this machine; false when there can. */
export const noNamespaces: string | false =
  process.platform === 'linux' && process.getuid?.() === 0
    ? namespacesRefused()
    : 'it takes root on Linux to make network namespaces'

export interface Machine {
  /** For `ip netns exec`. */
  readonly namespace: string
  readonly address: string
  setAddress(address: string): void
}

let made = 0

/** Machines of 10.77.0.0/24, gone after the test. */
export function makeMachines(count: number): Machine[] {
  const prefix = `mm${process.pid}-${made++}`
  const hub = `${prefix}-hub`
  addNamespace(hub)
  ip('-n', hub, 'link', 'add', 'bridge0', 'type', 'bridge', 'mcast_snooping', '0')
  ip('-n', hub, 'link', 'set', 'bridge0', 'up')
  return Array.from({ length: count }, (_, n) => {
    const namespace = `${prefix}-${n}`
    const address = `10.77.0.${n + 1}`
    addNamespace(namespace)
    ip('-n', hub, 'link', 'add', `port${n}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    ip('-n', hub, 'link', 'set', `port${n}`, 'master', 'bridge0', 'up')
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
    const setAddress = (next: string) => {
      ip('-n', namespace, 'addr', 'flush', 'dev', 'eth0')
      ip('-n', namespace, 'addr', 'add', `${next}/24`, 'brd', '+', 'dev', 'eth0')
    }
    setAddress(address)
    return { namespace, address, setAddress }
  })
}

function addNamespace(name: string): void {
  ip('netns', 'add', name)
  onTestFinished(() => ip('netns', 'del', name))
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}

/** Containers often let root do less. */
function namespacesRefused(): string | false {
  const name = `mm${process.pid}-try`
  try {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'add', 'bridge0', 'type', 'bridge')
    ip('netns', 'del', name)
    return false
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message : String(error)}`
  }
}
