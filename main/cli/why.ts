// `mlx-mesh why`: which Macs were considered for a request, what spoke for each, and which of them answered it.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CommandError } from '../client/command-error.ts'
import { type RequestRecord, requestRecord, workerRecords } from '../client/peer-answers.ts'
import { findPeer, type PeerClient } from '../client/peer-client.ts'
import { asideWords, type RecordedChoice, type Score } from '../protocol/choices.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runWhy(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const [named, ...more] = positionals
  if (more.length > 0) throw new CommandError('expected the id of one request.', 2)
  const peer = findPeer(terminal, values.url)
  const requestId = named ?? (await findLatest(peer))
  const record = await peer.get(`/api/dashboard/requests/${encodeURIComponent(requestId)}`, requestRecord)
  if (values.json) terminal.say(`${JSON.stringify(record)}\n`)
  else terminal.say(describe(record, await hostnames(peer)))
  return 0
}

async function findLatest(peer: PeerClient): Promise<string> {
  const [latest] = await peer.get('/api/dashboard/requests?limit=1', latestRequests)
  if (latest) return latest.requestId
  throw new CommandError('no request to this Mac has ended yet.')
}

const latestRequests = z.array(z.looseObject({ requestId: z.string() }))

type NameOf = (workerId: string) => string

async function hostnames(peer: PeerClient): Promise<NameOf> {
  const workers = await peer.get('/api/cluster/workers', workerRecords)
  const names = new Map(workers.map(({ workerId, hostname }) => [workerId, hostname]))
  return workerId => names.get(workerId) ?? workerId
}

function describe(record: RequestRecord, nameOf: NameOf): string {
  const { requestId, modelId, status, errorCode, latencyMs, choices } = record
  const end = errorCode === null ? status : `${status} (${errorCode})`
  const head = `${requestId}: ${modelId || 'no model'}, ${end} after ${(latencyMs / 1000).toFixed(1)} s\n`
  if (choices === null) return `${head}\nIt was not kept why a Mac was chosen: another release answered it.\n`
  if (choices.length === 0) return `${head}\nNo Mac took it.\n`
  return head + choices.map(choice => describeChoice(choice, nameOf)).join('')
}

function describeChoice({ workerId, from, atMs, strategy, scores }: RecordedChoice, nameOf: NameOf): string {
  const time = new Date(atMs).toTimeString().slice(0, 8)
  const before = from === null || from === workerId ? '' : `${nameOf(from)} handed over to `
  const rows = scores.map(score => [
    score.workerId === workerId ? '*' : '',
    nameOf(score.workerId),
    points(score.total),
    because(score),
  ])
  const table = rows.length > 0 ? formatTable([['', 'MAC', 'POINTS', ''], ...rows]) : ''
  return `\n${time}  ${before}${nameOf(workerId)}: ${reasonOf[strategy]}\n${table}`
}

const reasonOf: Readonly<Record<RecordedChoice['strategy'], string>> = {
  hardware_aware: 'it had the most points',
  least_loaded: 'it was the emptiest (least_loaded)',
  round_robin: 'it was its turn (round_robin)',
  session: 'the conversation was there already',
  shared: 'it was answering the same request already',
}

const parts = [
  ['chip', 'chip'],
  ['gpuCores', 'GPU cores'],
  ['memory', 'memory'],
  ['speed', 'measured speed'],
  ['shared', 'shared with others'],
  ['idle', 'idle'],
  ['queued', 'queue'],
  ['modelLoaded', 'model loaded'],
  ['prefix', 'knows the beginning'],
  ['preferred', 'preferred'],
  ['priority', 'priority'],
  ['gpuBusy', 'GPU busy'],
] as const satisfies readonly (readonly [keyof Score, string])[]

function because(score: Score): string {
  const told = parts
    .filter(([part]) => Math.abs(score[part]) >= 0.05)
    .map(([part, name]) => `${name} ${points(score[part])}`)
  return `${score.setAside === null ? '' : `set aside: ${asideWords[score.setAside]}; `}${told.join(', ')}`
}

function points(value: number): string {
  return value.toFixed(1).replace('.0', '')
}
