import { memo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { LiveRequest } from '../../main/protocol/dashboard.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { counted, whole } from '../ui/format.ts'
import { modelName } from '../ui/model-name.ts'
import { Status } from '../ui/status.tsx'

const mostShown = 6

/** What runs at this moment, the oldest first. It keeps its height, so that nothing jumps when answers come and go. */
export function LiveRequests() {
  const shown = useMesh(useShallow(({ live }) => live.slice(0, mostShown)))
  const more = useMesh(({ live }) => Math.max(0, live.length - mostShown))
  return (
    <Card
      title="Running now"
      aside={
        <a href="#/requests" className="text-accent hover:underline">
          All requests
        </a>
      }
    >
      <ul className="min-h-[19.5rem]">
        {shown.length === 0 && (
          <li className="grid h-[19.5rem] place-content-center text-center text-muted">
            <p>Nothing is running.</p>
            <p>Requests that are sent to this Mac appear here.</p>
          </li>
        )}
        {shown.map(request => (
          <Running key={request.requestId} request={request} />
        ))}
      </ul>
      <p className="figures h-5 text-muted text-xs">{more > 0 && `and ${counted(more, 'other')}`}</p>
    </Card>
  )
}

const phases = { queued: 'Waiting', prefill: 'Reading', generating: 'Answering' } as const

const Running = memo(function Running({ request }: { readonly request: LiveRequest }) {
  const { requestId, modelId, workerId, phase, tokensGenerated, handovers } = request
  const hostname = useMesh(({ workers }) => workers.find(each => each.workerId === workerId)?.hostname)
  return (
    <li className="h-[3.25rem] border-line border-t py-1.5 first:border-t-0">
      <p className="flex justify-between gap-3">
        <a
          href={`#/requests/${encodeURIComponent(requestId)}`}
          className="truncate font-medium hover:text-accent"
        >
          {modelName(modelId).name}
        </a>
        <span className="figures shrink-0">
          {tokensGenerated === 0 ? '' : counted(tokensGenerated, 'token')}
        </span>
      </p>
      <p className="flex justify-between gap-3 text-muted text-xs">
        <span className="truncate">
          {hostname === undefined ? 'No Mac yet' : `On ${hostname}`}
          {handovers > 0 && `, handed over ${handovers === 1 ? 'once' : `${whole(handovers)} times`}`}
        </span>
        <Status tone={phase === 'generating' ? 'good' : 'fair'}>{phases[phase]}</Status>
      </p>
    </li>
  )
})
