import { parseArgs } from 'node:util'
import { formatDuration, formatTable } from './format.ts'
import { type ClusterStatus, clusterStatus, type WorkerRecord, workerRecords } from './peer-answers.ts'
import { findPeer } from './peer-client.ts'
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
    ...workers.map(worker => ['Mac', describeWorker(worker)]),
  ]
  return formatTable(rows)
}

function describeWorker({ hostname, status, hardware, metrics }: WorkerRecord): string {
  return [
    hostname,
    status,
    hardware.chipModel,
    hardware.unifiedMemoryGB === undefined ? '' : `${Math.round(hardware.unifiedMemoryGB)} GB`,
    `${metrics?.activeRequests ?? 0} active`,
  ]
    .filter(Boolean)
    .join(', ')
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1).replace('.0', '')} %`
}
