// Everything about one Mac: `#/macs/ID`.
import { useEffect, useRef } from 'react'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { longDuration, timeOfDay, unknown } from '../ui/format.ts'
import { Meter } from '../ui/meter.tsx'
import { Status } from '../ui/status.tsx'
import { View } from '../ui/view.tsx'
import { memoryPercent, sayHeat, sayMemory, sayPower, sayState } from './describe-mac.ts'
import { sayHardware, sayRequests } from './mac-card.tsx'
import { MacHardware } from './mac-hardware.tsx'
import { MacHistory } from './mac-history.tsx'
import { MacLog } from './mac-log.tsx'
import { MacMarks } from './mac-marks.tsx'
import { MacMembership } from './mac-membership.tsx'
import { MacModels } from './mac-models.tsx'
import { SharingControl } from './sharing-control.tsx'

export interface MacPageProps {
  readonly workerId: string
  readonly isKnown: boolean
}

export function MacPage({ workerId, isKnown }: MacPageProps) {
  const name = useMesh(({ workers }) => workers.find(each => each.workerId === workerId)?.hostname)
  const isOffline = useMesh(
    ({ workers }) => workers.find(each => each.workerId === workerId)?.status === 'offline',
  )
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => {
    top.current?.closest('main')?.scrollTo(0, 0)
  }, [])
  const back = (
    <a href="#/macs" className="text-accent hover:underline">
      All Macs
    </a>
  )
  if (!isKnown || name === undefined) {
    return (
      <View title="Macs" actions={back}>
        <Empty title="This Mac is not in the mesh">It was removed, or it has left.</Empty>
      </View>
    )
  }
  return (
    <div ref={top}>
      <View title={name} actions={back}>
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_26rem]">
          <div className="grid min-w-0 gap-4 xl:order-2">
            <MacNow workerId={workerId} />
            <MacModels workerId={workerId} />
            <MacMembership workerId={workerId} name={name} />
          </div>
          <div className="grid min-w-0 gap-4">
            <MacHistory workerId={workerId} />
            <MacLog workerId={workerId} isOffline={isOffline} />
            <MacHardware workerId={workerId} />
          </div>
        </div>
      </View>
    </div>
  )
}

/** How it is at this moment. */
function MacNow({ workerId }: { readonly workerId: string }) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  if (!worker) return null
  const { tone, word } = sayState(worker)
  const isOffline = worker.status === 'offline'
  return (
    <Card title="Now" aside={<Status tone={tone}>{word}</Status>}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <p className="flex flex-wrap items-center gap-2 text-muted">
          {sayHardware(worker)} <MacMarks workerId={workerId} />
        </p>
        {isOffline ? (
          <p className="text-muted">
            {worker.lastHeartbeat === null
              ? 'Not seen yet.'
              : `Last seen at ${timeOfDay(worker.lastHeartbeat)}.`}{' '}
            It joins in again by itself when it is switched on and on this network.
          </p>
        ) : (
          <>
            <div className="grid gap-1.5">
              <Meter label="GPU" value={worker.metrics?.gpuUtilizationPercent ?? null} />
              <Meter label="CPU" value={worker.metrics?.cpuUsagePercent ?? null} />
              <Meter label="Memory" value={memoryPercent(worker)} text={sayMemory(worker)} warnFrom={90} />
            </div>
            <NowFacts worker={worker} />
            <div className="border-line border-t pt-4">
              <SharingControl workerId={workerId} />
            </div>
          </>
        )}
      </div>
    </Card>
  )
}

function NowFacts({ worker }: { readonly worker: DashboardWorker }) {
  const { metrics, uptime, ip, port, linkMs } = worker
  const facts: [string, string | null][] = [
    ['Requests', metrics ? sayRequests(metrics.activeRequests, metrics.queuedRequests) : unknown],
    ['Up for', longDuration(uptime)],
    ['Address', `${ip}:${port}`],
    ['There and back', linkMs === null ? null : `${linkMs.toFixed(1)} ms`],
    ['Heat', sayHeat(worker)?.word ?? null],
    ['Power', sayPower(worker)],
  ]
  return (
    <dl className="figures grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-x-4 gap-y-1 text-xs">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="shrink-0 text-muted">{name}</dt>
              <dd className="truncate">{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
