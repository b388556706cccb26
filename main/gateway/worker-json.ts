import type { WorkerRecord } from '../cluster/view.ts'
import type { DashboardWorker } from '../protocol/dashboard.ts'

/** A worker as the cluster and dashboard interfaces show it. */
export function workerJson(
  { registration, heartbeat, lastHeardMs, status }: WorkerRecord,
  nowMs: number,
  linkMs: number | null,
): DashboardWorker {
  const { workerId, hostname, ip, port, hardware, capabilities, priority, epoch } = registration
  return {
    workerId,
    hostname,
    ip,
    port,
    status,
    hardware,
    capabilities,
    priority,
    metrics: heartbeat?.metrics ?? null,
    power: heartbeat?.power ?? null,
    sharing: heartbeat?.sharing ?? null,
    models: heartbeat?.models ?? [],
    uptime: status === 'offline' ? 0 : Math.max(0, nowMs - epoch),
    lastHeartbeat: heartbeat ? lastHeardMs : null,
    linkMs,
  }
}

export function countWorkers(workers: readonly WorkerRecord[]) {
  const offline = workers.filter(({ status }) => status === 'offline').length
  return { total: workers.length, online: workers.length - offline, offline }
}
