import { memo } from 'react'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { counted } from '../ui/format.ts'
import { modelName } from '../ui/model-name.ts'
import { Status } from '../ui/status.tsx'
import { sayModelState, sayState, shortChip } from './describe-mac.ts'
import { MacMarks } from './mac-marks.tsx'
import { LastSeen, MacFacts, MacMeters } from './mac-now.tsx'
import { SharingControl } from './sharing-control.tsx'

const mostModels = 3

/** One Mac of the list. */
export const MacCard = memo(function MacCard({ workerId }: { readonly workerId: string }) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  if (!worker) return null
  const { tone, word } = sayState(worker)
  const isOffline = worker.status === 'offline'
  return (
    <article
      aria-label={worker.hostname}
      className={`flex w-full min-w-0 flex-col gap-3 rounded-xl border border-line p-4 [contain-intrinsic-size:auto_22rem] [content-visibility:auto] ${isOffline ? 'bg-ground' : 'bg-surface'}`}
    >
      <header>
        <div className="flex items-start justify-between gap-3">
          <h2 dir="auto" className="min-w-0 truncate font-semibold text-base" title={worker.hostname}>
            <a href={`#/macs/${encodeURIComponent(workerId)}`} className="hover:text-accent">
              {worker.hostname}
            </a>
          </h2>
          <Status tone={tone}>{word}</Status>
        </div>
        <p className="flex flex-wrap items-center gap-x-2 text-muted">
          <span className="truncate">{sayHardware(worker)}</span>
          <MacMarks workerId={workerId} />
        </p>
      </header>
      {isOffline ? (
        <LastSeen worker={worker} />
      ) : (
        <>
          <MacMeters worker={worker} />
          <MacFacts worker={worker} />
        </>
      )}
      <Models worker={worker} />
      {!isOffline && (
        <div className="mt-auto border-line border-t pt-3">
          <SharingControl workerId={workerId} />
        </div>
      )}
    </article>
  )
})

/** "M4 Max, 40 GPU cores, 64 GB" */
export function sayHardware({ hardware }: DashboardWorker): string {
  const cores = hardware.gpuCores === 0 ? [] : [`${hardware.gpuCores} GPU cores`]
  return [shortChip(hardware.chipModel), ...cores, `${Math.round(hardware.unifiedMemoryGB)} GB`].join(', ')
}

function Models({ worker: { models, status } }: { readonly worker: DashboardWorker }) {
  if (status === 'offline') return null
  if (models.length === 0) return <p className="text-muted text-xs">No models on this Mac.</p>
  const shown = [...models].sort(
    (one, other) => Number(other.state === 'ready') - Number(one.state === 'ready'),
  )
  const more = models.length - mostModels
  return (
    <ul aria-label="Models" className="grid gap-0.5 text-xs">
      {shown.slice(0, mostModels).map(({ modelId, state }) => (
        <li key={modelId} className="flex justify-between gap-3">
          <span className="truncate" title={modelId}>
            {modelName(modelId).name}
          </span>
          <Status tone={sayModelState(state).tone}>{sayModelState(state).word}</Status>
        </li>
      ))}
      {more > 0 && <li className="text-muted">and {counted(more, 'other')}</li>}
    </ul>
  )
}
