import { execFile } from 'node:child_process'

/**
 * What a system command prints; empty when it fails or takes longer than `timeoutMs`. A command that prints half of the
 * answer before it fails (`sysctl` with one unknown name) has that half returned.
 */
export function askSystem(command: string, args: readonly string[], timeoutMs = 5000): Promise<string> {
  return new Promise(resolve => {
    const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 8 * 2 ** 20 } as const
    execFile(command, args, limits, (_error, stdout) => resolve(stdout))
  })
}
