// ollama-herd: what the mesh is compared with. Its router on one machine, its node beside a back end on each other one.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Child } from '../../main/process/child.ts'
import { findPython } from '../../scripts/setup/find-python.mjs'
import { lockFile, pipInstall } from '../../scripts/setup/pip.mjs'
import { makeEnvironment } from '../../scripts/setup/python-environment.mjs'
import type { Machine } from '../../test/machines/machine.ts'
import { repository } from './places.ts'

export interface HerdOptions {
  /** Where it is installed. */
  readonly programs: string
  /** For what it keeps. */
  readonly folder: string
  readonly router: Machine
  readonly workers: readonly Machine[]
  readonly models: readonly string[]
}

const port = 11435
const startsWithinMs = 60_000
const backEnd = fileURLToPath(new URL('scripted-ollama.ts', import.meta.url))

/** With the versions and hashes of `python/requirements-herd.txt`. Rejects where it cannot be installed. */
export async function installHerd(folder: string): Promise<string> {
  const python = join(folder, 'bin', 'python')
  await makeEnvironment(await findPython(), folder)
  await pipInstall(python, lockFile(repository, 'requirements-herd.txt').path, { report: () => {} })
  return join(folder, 'bin')
}

/** Resolves with the router's port when all its parts run, which end with their machines. */
export async function startHerd({ programs, folder, router, workers, models }: HerdOptions): Promise<number> {
  const start = async (machine: Machine, program: string, args: readonly string[], ready: RegExp) => {
    const home = join(folder, machine.name)
    mkdirSync(home, { recursive: true })
    const env = {
      ...process.env,
      HOME: home,
      FLEET_NODE_TELEMETRY: 'false',
      PYTHONUNBUFFERED: '1',
      COLUMNS: '200',
    }
    await readiness(machine.run({ command: program, args, env, cwd: home }), program, ready)
  }
  await start(
    router,
    join(programs, 'herd'),
    ['--host', '0.0.0.0', '--port', String(port)],
    /Uvicorn running/,
  )
  for (const machine of workers) {
    await start(machine, process.execPath, [backEnd, ...models], /ready/)
    const flags = ['--node-id', machine.name, '--router-url', `http://${router.address}:${port}`]
    await start(machine, join(programs, 'herd-node'), flags, /[Hh]eartbeat|[Rr]egistered|Ollama:/)
  }
  return port
}

function readiness(child: Child, name: string, ready: RegExp): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} ${why}: ${said}`))
    const timer = setTimeout(() => fail('was not ready in time'), startsWithinMs)
    child.exited.then(({ reason }) => fail(reason)).finally(() => clearTimeout(timer))
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', line => {
        said += `${line}\n`
        if (!ready.test(line)) return
        clearTimeout(timer)
        resolve()
      })
    }
  })
}
