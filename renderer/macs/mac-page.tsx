// Everything about one Mac: `#/macs/ID`.
import { useEffect, useRef } from 'react'
import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { Status } from '../ui/status.tsx'
import { View } from '../ui/view.tsx'
import { sayState } from './describe-mac.ts'
import { sayHardware } from './mac-card.tsx'
import { MacHardware } from './mac-hardware.tsx'
import { MacHistory } from './mac-history.tsx'
import { MacLog } from './mac-log.tsx'
import { MacMarks } from './mac-marks.tsx'
import { MacMembership } from './mac-membership.tsx'
import { MacModels } from './mac-models.tsx'
import { LastSeen, MacFacts, MacMeters } from './mac-now.tsx'
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
          <LastSeen worker={worker} />
        ) : (
          <>
            <MacMeters worker={worker} />
            <MacFacts worker={worker} isExact />
            <div className="border-line border-t pt-4">
              <SharingControl workerId={workerId} />
            </div>
          </>
        )}
      </div>
    </Card>
  )
}
