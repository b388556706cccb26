// The `ip` and `nsenter` commands, always inside a namespace that a test has made.
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why no network namespaces can be made here; null when they can. */
export const machinesMissing: string | null = whyNot()

/** What makes a program run inside the namespaces of a process. */
export function enter(pid: number): [command: string, args: readonly string[]] {
  return ['nsenter', [`--net=/proc/${pid}/ns/net`, `--uts=/proc/${pid}/ns/uts`, '--']]
}

/** Carries out `ip` commands, one a line, in the namespace of a process; all of them in one go. */
export async function ip(pid: number, commands: readonly string[]): Promise<void> {
  const [command, args] = enter(pid)
  const running = run(command, [...args, 'ip', '-batch', '-'], { timeout: 10_000 })
  running.child.stdin?.end(`${commands.join('\n')}\n`)
  await running
}

function whyNot(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only'
  if (process.getuid?.() !== 0) return 'it takes root to make network namespaces'
  try {
    execFileSync('unshare', ['--net', '--uts', 'ip', 'link', 'add', 'probe', 'type', 'bridge'], {
      stdio: 'pipe',
    })
    return null
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}
