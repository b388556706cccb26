import { memo } from 'react'
import { isOnDisk, type ModelStatus } from '../../main/protocol/models.ts'
import { tellMac } from '../peer/tell-mac.ts'
import { Button } from '../ui/button.tsx'
import { bytes } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { Progress } from '../ui/progress.tsx'
import { Status } from '../ui/status.tsx'
import { useOrder } from '../ui/use-order.ts'
import type { Offer } from './offers.ts'

export interface ModelChoiceProps {
  readonly offer: Offer
  readonly workerId: string
}

export const ModelChoice = memo(function ModelChoice({ offer, workerId }: ModelChoiceProps) {
  const { modelId, title, summary, sizeBytes, fits, status } = offer
  const { isRunning, error, give } = useOrder()
  const start = () => give(() => tellMac(workerId, 'load-model', { modelId }))
  const here = status !== null && isOnDisk(status)
  return (
    <li className="grid gap-2 rounded-xl border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-52">
          <h2 className="break-words font-medium">{title}</h2>
          <p className="text-muted">{summary}</p>
          <p className="figures text-muted text-xs">
            {bytes(sizeBytes)}
            {here ? ' on this Mac' : ' to download'}
            {fits === 'tight' ? ' · fits, with little room for anything else' : ''}
          </p>
        </div>
        <div className="flex min-h-9 items-center">
          {status && isBusy(status) ? (
            <Status tone={status.state === 'ready' ? 'good' : 'fair'}>{sayState(status)}</Status>
          ) : (
            <Button
              disabled={isRunning}
              aria-label={`${here ? 'Use' : 'Download'} ${title}`}
              onClick={() => void start()}
            >
              {here ? 'Use' : 'Download'}
            </Button>
          )}
        </div>
      </div>
      {status?.state === 'downloading' && <Download title={title} model={status} />}
      {status?.state === 'failed' || status?.state === 'absent' ? (
        <p role="alert" className="text-bad">
          {status.reason}
        </p>
      ) : null}
      {error !== null && <Problem error={error} />}
    </li>
  )
})

function Download({ title, model: { copied } }: { readonly title: string; readonly model: ModelStatus }) {
  const value = copied && copied.ofBytes > 0 ? copied.bytes / copied.ofBytes : null
  return (
    <div className="grid gap-1">
      <Progress label={`Download of ${title}`} value={value} />
      <p className="figures text-muted text-xs">
        {copied ? `${bytes(copied.bytes)} of ${bytes(copied.ofBytes)}` : 'It begins'}
      </p>
    </div>
  )
}

function isBusy({ state }: ModelStatus): boolean {
  return state !== 'unloaded' && state !== 'failed' && state !== 'absent'
}

function sayState({ state }: ModelStatus): string {
  if (state === 'ready') return 'Ready'
  return state === 'downloading' ? 'Downloading' : 'Loading'
}
