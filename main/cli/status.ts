import { parseArgs } from 'node:util'
import {
  type ClusterStatus,
  clusterStatus,
  type WorkerRecord,
  workerRecords,
} from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { describeSharing } from './describe-sharing.ts'
import { formatDuration, formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runStatus(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const peer = findPeer(terminal, values.url)
  const [status, workers] = await Promise.all([
    peer.get('/api/cluster/status', clusterStatus),
    peer.get('/api/cluster/workers', workerRecords),
  ])
  if (values.json) terminal.say(`${JSON.stringify({ url: peer.url, ...status, workerRecords: workers })}\n`)
  else terminal.say(describe(peer.url, status, workers))
  return 0
}

function describe(url: string, status: ClusterStatus, workers: readonly WorkerRecord[]): string {
  const { controller, models, requests } = status
  const rate = requests.successRate === null ? '' : `, ${percent(requests.successRate)} of them successful`
  const rows = [
    ['Endpoint', `${url}/v1`],
    [
      'Version',
      `${controller.version}, mode ${controller.mode}, up for ${formatDuration(controller.uptime)}`,
    ],
    ['Loaded', models.loaded.join(', ') || 'no model'],
    ['Requests', `${requests.active} active, ${requests.total} in all${rate}`],
  ]
  if (workers.length === 0) return formatTable(rows)
  const table = [['MAC', 'STATE', 'CHIP', 'LOADED', 'TOK/S', 'ACTIVE'], ...workers.map(describeWorker)]
  return `${formatTable(rows)}\n${formatTable(table)}`
}

function describeWorker({ hostname, status, sharing, hardware, metrics }: WorkerRecord): string[] {
  const isOn = status === 'offline' || sharing === null || sharing.state === 'on'
  const { chipModel, unifiedMemoryGB } = hardware
  const memory = unifiedMemoryGB === undefined ? '' : `${Math.round(unifiedMemoryGB)} GB`
  const speeds = Object.values(metrics?.tokensPerSecond ?? {})
  return [
    hostname,
    isOn ? status : describeSharing(sharing, Date.now()),
    [chipModel, memory].filter(Boolean).join(', '),
    metrics?.modelsLoaded?.join(', ') || '–',
    speeds.length === 0 ? '–' : speeds.reduce((sum, speed) => sum + speed, 0).toFixed(1),
    String(metrics?.activeRequests ?? 0),
  ]
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1).replace('.0', '')} %`
}
