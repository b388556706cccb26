// Both hosts of the core keep the same promises: a utility process of a real Electron, and a Node.js of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { outsideCore } from '../../main/desktop/outside-core.ts'
import { bundle } from '../../scripts/app/bundle.mjs'
import { electronOf } from '../../scripts/setup/electron.mjs'
import { hasEnded } from '../support/processes.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { type Life, liveOnce, type Scenario } from './support/core-scenario.ts'
import { openDisplay } from './support/display.ts'
import { noApp } from './support/real-app.ts'

const fixtures = resolve(import.meta.dirname, 'fixtures')
const program = join(fixtures, 'small-core.cjs')
const electron = electronOf(resolve(import.meta.dirname, '..', '..'))

interface Host {
  readonly name: string
  readonly skip: string | false
  live(scenario: Scenario): Promise<Life>
  /** Starts a core whose owner is killed once it serves; its pid. */
  orphan(): Promise<number>
}

const outside: Host = {
  name: 'an outside Node.js',
  skip: false,
  live: scenario => liveOnce(outsideCore(process.execPath), program, scenario),
  orphan: async () => {
    const owner = `
      import { outsideCore } from '${resolve(fixtures, '../../../main/desktop/outside-core.ts')}'
      outsideCore(process.execPath)({ program: '${program}', args: ['serve'], env: process.env, key: null, onLine: console.log })`
    return orphanOf(spawn(process.execPath, ['--input-type=module', '-e', owner], { stdio: 'pipe' }))
  },
}

const utility: Host = {
  name: 'a utility process',
  skip: noApp,
  live: async scenario => {
    const said = createInterface({ input: pipeOf(await startUtilityHost(scenario)) })
    for await (const line of said) {
      const read = life.safeParse(JSON.parse(line))
      if (read.success) return read.data
    }
    throw new Error('the host has told no life')
  },
  orphan: async () => orphanOf(await startUtilityHost('leave')),
}

describe.each([outside, utility])('the core in $name', host => {
  test.skipIf(host.skip)(
    'tells line by line, gets its key over the channel, and stops in order when it is asked',
    async () => {
      const { lines, exit } = await host.live('stop')
      expect(lines.map(line => z.object({ event: z.string() }).parse(JSON.parse(line)).event)).toEqual([
        'started',
        'key a key 1',
        'stopping',
      ])
      expect(exit.code).toBe(0)
    },
  )

  test.skipIf(host.skip)('can be killed', async () => {
    expect((await host.live('kill')).exit.code).toBeNull()
  })

  test.skipIf(host.skip)('can be killed while it hangs', async () => {
    expect((await host.live('kill-hung')).exit.code).toBeNull()
  })

  test.skipIf(host.skip)('says in its own words why it ended', async () => {
    const { exit } = await host.live('refuse')
    expect(exit).toMatchObject({ code: 1, words: 'mlx-mesh serve: port 8080 is taken' })
  })

  test.skipIf(host.skip)('does not outlive an owner that is killed', async () => {
    expect(await hasEnded(await host.orphan(), 10_000)).toBe(true)
  })
})

const life = z.object({
  lines: z.array(z.string()),
  exit: z.object({ code: z.number().nullable(), reason: z.string(), words: z.string() }),
})

async function startUtilityHost(scenario: Scenario): Promise<ChildProcess> {
  const folder = makeTempFolder()
  await bundle(join(fixtures, 'utility-host.ts'), 'host', 'node16', folder)
  const display = await openDisplay()
  onTestFinished(display.close)
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(electron ?? '', [...flags, join(folder, 'host.cjs'), program, scenario], {
    env: { ...process.env, ...(display.name === null ? {} : { DISPLAY: display.name }) },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Kills the owner as soon as it has told the pid of its core. */
async function orphanOf(owner: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: pipeOf(owner) })) {
    const pid = Number(/"pid":(\d+)/.exec(line)?.[1])
    if (Number.isNaN(pid)) continue
    owner.kill('SIGKILL')
    return pid
  }
  throw new Error('the owner has started no core')
}

function pipeOf({ stdout }: ChildProcess) {
  if (!stdout) throw new Error('the process has no output')
  return stdout
}
