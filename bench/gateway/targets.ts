import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nginxMissing, startNginx } from '../programs/nginx.ts'
import { type Program, startProgram } from '../programs/program.ts'
import { startMesh } from './mesh.ts'

const upstream = fileURLToPath(new URL('../programs/upstream.ts', import.meta.url))
const nodeProxy = fileURLToPath(new URL('../programs/node-proxy.ts', import.meta.url))

export interface Target {
  readonly name: TargetName
  readonly url: string
  /** The process under test; null for `direct`, where there is none. */
  readonly pid: number | null
}

export type TargetName = 'direct' | 'node:http proxy' | 'nginx' | 'mesh'

export interface Targets {
  readonly targets: readonly Target[]
  readonly skipped: readonly string[]
  stop(): Promise<void>
}

/** Starts everything that is compared; all of it stays up, so that the rounds can go from one to the next. */
export async function startTargets(folder: string): Promise<Targets> {
  const started: Program[] = []
  const keep = <P extends Program>(program: P): P => {
    started.push(program)
    return program
  }
  const stop = async () => {
    await Promise.all(started.map(program => program.stop()))
  }
  try {
    const upstreamPort = portOf(keep(await startNodeProgram('upstream', upstream, 'others')))
    const proxy = keep(
      await startNodeProgram('node:http proxy', nodeProxy, 'under-test', String(upstreamPort)),
    )
    const targets: Target[] = [
      { name: 'direct', url: urlAt(upstreamPort), pid: null },
      { name: 'node:http proxy', url: urlAt(portOf(proxy)), pid: proxy.pid },
    ]
    if (nginxMissing === null) {
      const nginxFolder = join(folder, 'nginx')
      await mkdir(nginxFolder)
      const nginx = keep(await startNginx(upstreamPort, nginxFolder))
      targets.push({ name: 'nginx', url: urlAt(nginx.port), pid: nginx.pid })
    }
    const meshFolder = join(folder, 'mesh')
    await mkdir(meshFolder)
    const mesh = await startMesh(meshFolder)
    started.push(...mesh.programs)
    targets.push({ name: 'mesh', url: mesh.url, pid: mesh.pid })
    return { targets, skipped: nginxMissing === null ? [] : [nginxMissing], stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startNodeProgram(
  name: string,
  file: string,
  place: 'under-test' | 'others',
  ...args: string[]
): Promise<Program> {
  return startProgram({
    name,
    command: process.execPath,
    args: [file, ...args],
    place,
    ready: /^port (\d+)$/,
    readyWithinMs: 10_000,
  })
}

function portOf(program: Program): number {
  return Number(program.matched[0])
}

function urlAt(port: number): string {
  return `http://127.0.0.1:${port}`
}
