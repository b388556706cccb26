// A bundle for a bug report: what runs here, how it is set up, what the doctor finds, what the log says last. It has no
// prompts and no answers, no secrets, and neutral words for names, paths and addresses.
import {
  arch,
  cpus,
  freemem,
  homedir,
  hostname,
  platform,
  release,
  totalmem,
  uptime,
  userInfo,
} from 'node:os'
import { strToU8, zipSync } from 'fflate'
import { z } from 'zod'
import { findPeer } from '../client/peer-client.ts'
import { ConfigError } from '../config/config-error.ts'
import { dataPaths, findDataFolder } from '../config/data-folder.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { shownValue } from '../config/shown-value.ts'
import { describeSource } from '../config/source.ts'
import type { Patient } from './finding.ts'
import { keptSecrets } from './kept-secrets.ts'
import { readLogTail } from './log-tail.ts'
import type { Doctor } from './open-doctor.ts'
import { createRedact, type Known } from './without-names.ts'

export interface DiagnosticsOptions {
  readonly patient: Patient
  readonly doctor: Pick<Doctor, 'checks' | 'look'>
  readonly version: string
}

/** It asks a model, and may load one for it. */
const tooMuch = 'an-answer'
const maxRequests = 500

/** A zip file. */
export async function makeDiagnostics({ patient, doctor, version }: DiagnosticsOptions): Promise<Uint8Array> {
  const dataFolder = findDataFolder(patient.env)
  const { origins, problem } = readConfiguration(patient)
  const [findings, workers, mesh, status, requests, log] = await Promise.all([
    Promise.all(doctor.checks().checks.flatMap(({ id }) => (id === tooMuch ? [] : [doctor.look(id)]))),
    ask(patient, '/api/cluster/workers'),
    ask(patient, '/api/mesh'),
    ask(patient, '/api/cluster/status'),
    ask(patient, `/api/dashboard/requests?limit=${maxRequests}`),
    readLogTail(logFileOf(origins) ?? dataPaths(dataFolder).logFile),
  ])
  const redact = createRedact(knownFrom(dataFolder, origins, workers, mesh))
  const asJson = (value: unknown) => strToU8(`${JSON.stringify(redact(value), null, 2)}\n`)
  return zipSync({
    'README.txt': strToU8(readme),
    'versions.json': asJson({
      mlxMesh: version,
      node: process.versions.node,
      madeAt: new Date().toISOString(),
    }),
    'system.json': asJson(describeSystem()),
    'configuration.json': asJson(problem ?? describeConfiguration(origins)),
    'doctor.json': asJson(findings),
    'mesh.json': asJson({ status, mesh: withoutPairing(mesh), workers }),
    'requests.json': asJson(requests),
    'log.jsonl': strToU8(log.map(line => `${JSON.stringify(redact(line))}\n`).join('')),
  })
}

function readConfiguration({ layers }: Patient): Pick<LoadedConfig, 'origins'> & { problem: string | null } {
  try {
    return { origins: loadConfig(layers).origins, problem: null }
  } catch (error) {
    if (error instanceof ConfigError) return { origins: [], problem: error.message }
    throw error
  }
}

function describeConfiguration(origins: LoadedConfig['origins']) {
  return origins.map(origin => ({
    key: origin.key.path,
    value: shownValue(origin),
    source: describeSource(origin.source),
  }))
}

function logFileOf(origins: LoadedConfig['origins']): string | null {
  const file = origins.find(({ key }) => key.path === 'monitoring.logging.file')?.value
  return typeof file === 'string' ? file : null
}

/** What the peer answers, or why it does not. */
async function ask(patient: Patient, path: string): Promise<unknown> {
  try {
    return await findPeer(patient, patient.url).get(path, z.unknown())
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) }
  }
}

const named = z.looseObject({ name: z.string() })
const meshNames = z.looseObject({
  mesh: named.nullable(),
  self: named,
  members: z.array(named),
  nearby: z.array(z.looseObject({ name: z.string(), meshName: z.string().nullish() })),
})
const workerNames = z.array(z.looseObject({ hostname: z.string() }))

function knownFrom(
  dataFolder: string,
  origins: LoadedConfig['origins'],
  workers: unknown,
  mesh: unknown,
): Known {
  const { data: inMesh } = meshNames.safeParse(mesh)
  const { data: ofWorkers = [] } = workerNames.safeParse(workers)
  const names = [
    hostname(),
    ...(inMesh ? [inMesh.self, ...inMesh.members, ...inMesh.nearby].map(({ name }) => name) : []),
    ...ofWorkers.map(worker => worker.hostname),
  ]
  const user = account()
  return {
    secrets: keptSecrets(dataFolder, origins),
    macs: names.flatMap(name => [name, name.replace(/\.local$/, '')]).filter(name => name !== 'localhost'),
    meshes: inMesh ? [inMesh.mesh?.name ?? '', ...inMesh.nearby.map(({ meshName }) => meshName ?? '')] : [],
    users: user === 'root' ? [] : [user],
    paths: [
      [dataFolder, '<data folder>'],
      ...[homedir(), process.env['HOME'] ?? '']
        .filter(path => path.length > 1)
        .map(path => [path, '~'] as const),
    ],
  }
}

function account(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

/** While a Mac is being let in, its code stands there. */
function withoutPairing(mesh: unknown): unknown {
  if (typeof mesh !== 'object' || mesh === null || !('pairing' in mesh)) return mesh
  const { pairing: _, ...rest } = mesh
  return rest
}

function describeSystem() {
  const processors = cpus()
  return {
    platform: platform(),
    release: release(),
    arch: arch(),
    processor: processors[0]?.model ?? null,
    processors: processors.length,
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    upForS: Math.round(uptime()),
  }
}

const readme = `What is in this bundle

versions.json       MLX Mesh and what it runs on
system.json         kind of Mac, memory
configuration.json  every setting, and where its value came from; passwords are not shown
doctor.json         what the doctor found
mesh.json           the Macs of the mesh: hardware, models, figures
requests.json       the latest requests: times, numbers of tokens, errors; no prompts, no answers
log.jsonl           the end of the log, without anything that could be a prompt or an answer

Names of Macs, of the mesh and of the account, paths, and addresses in the network were replaced by neutral words such
as mac-1, mesh-1, ip-1 and ~; the same thing has the same word everywhere. Names of models are as they are. Read it
before you give it to somebody: it is all plain text.
`
