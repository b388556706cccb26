import { memo, useMemo, useState } from 'react'
import type { ModelState, ModelStatus } from '../../main/protocol/models.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { type MacOrder, tellMac } from '../peer/tell-mac.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { bytes, counted, whole } from '../ui/format.ts'
import { modelLine } from '../ui/model-name.ts'
import { Problem } from '../ui/problem.tsx'
import { Progress } from '../ui/progress.tsx'
import { Status } from '../ui/status.tsx'
import { useOrder } from '../ui/use-order.ts'
import { sayModelState } from './describe-mac.ts'

/** Some Macs have hundreds. */
const shownAtOnce = 12

/** What lies on its disk, and what of it is in memory. */
export function MacModels({ workerId }: { readonly workerId: string }) {
  const models = useMesh(({ workers }) => workers.find(each => each.workerId === workerId)?.models)
  const isOffline = useMesh(
    ({ workers }) => workers.find(each => each.workerId === workerId)?.status === 'offline',
  )
  const [showsAll, setShowsAll] = useState(false)
  const inOrder = useStandingOrder(models ?? [])
  const shown = showsAll ? inOrder : inOrder.slice(0, shownAtOnce)
  return (
    <Card
      title="Models"
      aside={
        <a href="#/models" className="text-accent hover:underline">
          All models
        </a>
      }
    >
      {models?.length === 0 ? (
        <Empty title="No models on this Mac">Choose one under Models: it comes here from there.</Empty>
      ) : (
        <ul>
          {shown.map(model => (
            <Model key={model.modelId} workerId={workerId} model={model} isOffline={isOffline} />
          ))}
        </ul>
      )}
      {shown.length < inOrder.length && (
        <Button look="quiet" className="-mx-3 mt-1" onClick={() => setShowsAll(true)}>
          {`Show all ${whole(inOrder.length)}`}
        </Button>
      )}
    </Card>
  )
}

/** What only lies on the disk comes last; nothing moves away under the pointer when that changes. */
function useStandingOrder(models: readonly ModelStatus[]): ModelStatus[] {
  const which = models.map(({ modelId }) => modelId).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` says when
  const ranks = useMemo(() => {
    const isIdle = ({ state }: ModelStatus) => Number(state === 'unloaded')
    const sorted = [...models].sort((one, other) => isIdle(one) - isIdle(other))
    return new Map(sorted.map(({ modelId }, rank) => [modelId, rank]))
  }, [which])
  const rank = ({ modelId }: ModelStatus) => ranks.get(modelId) ?? 0
  return [...models].sort((one, other) => rank(one) - rank(other))
}

const orders: Partial<Record<ModelState, { readonly order: MacOrder; readonly word: string }>> = {
  unloaded: { order: 'load-model', word: 'Load' },
  failed: { order: 'load-model', word: 'Try again' },
  ready: { order: 'unload-model', word: 'Unload' },
  downloading: { order: 'unload-model', word: 'Cancel' },
  absent: { order: 'unload-model', word: 'Forget' },
}

interface ModelProps {
  readonly workerId: string
  readonly model: ModelStatus
  readonly isOffline: boolean
}

const Model = memo(function Model({ workerId, model, isOffline }: ModelProps) {
  const { modelId, state, reason, copied } = model
  const { isRunning, error, give } = useOrder()
  const possible = isOffline ? undefined : orders[state]
  const said = isOffline ? ({ tone: 'idle', word: 'Offline' } as const) : sayModelState(state)
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-1.5 border-line border-t py-2.5 first:border-t-0 first:pt-0">
      <div className="flex items-center justify-between gap-3">
        <div className="min-w-0">
          <p className="truncate font-medium" title={modelId}>
            {modelLine(modelId)}
          </p>
          <p className="figures flex flex-wrap gap-x-2 text-muted text-xs">
            <Status tone={said.tone}>{said.word}</Status>
            <span>{isOffline ? `${bytes(model.sizeBytes)} on disk` : sayModelFacts(model)}</span>
          </p>
        </div>
        {possible && (
          <Button
            disabled={isRunning}
            aria-label={`${possible.word}: ${modelLine(modelId)}`}
            onClick={() => void give(() => tellMac(workerId, possible.order, { modelId }))}
          >
            {possible.word}
          </Button>
        )}
      </div>
      {state === 'downloading' && copied && (
        <Progress
          label={`Copying ${modelLine(modelId)}`}
          value={copied.bytes / Math.max(1, copied.ofBytes)}
        />
      )}
      {(state === 'loading' || state === 'warming') && (
        <Progress label={`Loading ${modelLine(modelId)}`} value={null} />
      )}
      {reason !== null && <p className="break-words text-bad text-xs">{reason}</p>}
      {error !== null && <Problem error={error} />}
    </li>
  )
})

/** "1.8 GB on disk, 2.1 GB in memory, 2 requests" */
function sayModelFacts({ state, copied, sizeBytes, memoryBytes, activeRequests }: ModelStatus): string {
  if (state === 'downloading' && copied) return `${bytes(copied.bytes)} of ${bytes(copied.ofBytes)}`
  const facts = [`${bytes(sizeBytes)} on disk`]
  if (memoryBytes > 0) facts.push(`${bytes(memoryBytes)} in memory`)
  if (activeRequests > 0) facts.push(counted(activeRequests, 'request'))
  return facts.join(', ')
}
