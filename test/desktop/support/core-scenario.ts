// One life of a small core, told the same way over both implementations of the host.
import { resolve } from 'node:path'
import type { CoreExit, StartCore } from '../../../main/desktop/core-process.ts'

export type Scenario = 'stop' | 'kill' | 'refuse' | 'kill-hung' | 'leave'

export interface Life {
  readonly lines: readonly string[]
  readonly exit: CoreExit
}

/** `program`: `fixtures/small-core.cjs`. `onPid`: once it serves. */
export async function liveOnce(
  start: StartCore,
  program: string,
  scenario: Scenario,
  onPid: (pid: number) => void = () => {},
): Promise<Life> {
  const how = { stop: 'serve', kill: 'serve', leave: 'serve', refuse: 'refuse', 'kill-hung': 'hang' }[
    scenario
  ]
  const lines: string[] = []
  let begin = (_line: string) => {}
  const began = new Promise<string>(done => {
    begin = done
  })
  const core = start({
    program: resolve(program),
    args: [how],
    env: process.env,
    key: 'a key',
    onLine: line => {
      lines.push(line)
      begin(line)
    },
  })
  if (scenario !== 'refuse') onPid(Number(/"pid":(\d+)/.exec(await began)?.[1]))
  if (scenario === 'stop') core.stop()
  // A program that hangs does so a little after its first line.
  if (scenario === 'kill-hung') await new Promise(done => setTimeout(done, 300))
  if (scenario.startsWith('kill')) core.kill()
  return { lines, exit: await core.exited }
}
