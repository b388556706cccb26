import type { DashboardRequestDetail, LiveRequest } from '../../main/protocol/dashboard.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Figure } from '../ui/figure.tsx'
import { counted, duration, rate, unknown, whole } from '../ui/format.ts'
import { modelLine } from '../ui/model-name.ts'
import { Problem } from '../ui/problem.tsx'
import { Status } from '../ui/status.tsx'
import { type NameOf, useMacNames } from '../ui/use-mac-names.ts'
import { useNow } from '../ui/use-now.ts'
import { when } from '../ui/when.ts'
import { ChoicesCard } from './choices-card.tsx'
import { phaseWords, sayErrorCode, speedOf, statusTones, statusWords } from './request-words.ts'
import { TimeLineCard } from './time-line-card.tsx'
import { TokensCard } from './tokens-card.tsx'
import { useRequest } from './use-request.ts'

export interface RequestPageProps {
  readonly requestId: string
  readonly backTo: string
}

export function RequestPage({ requestId, backTo }: RequestPageProps) {
  const { detail, live, error, lookAgain } = useRequest(requestId)
  const nameOf = useMacNames()
  return (
    <>
      <div className="-mt-2 mb-4 flex flex-wrap items-center gap-x-4 gap-y-1">
        <a href={backTo} className="text-accent hover:underline">
          All requests
        </a>
        <span className="flex min-w-0 items-center text-muted">
          <span className="truncate font-mono text-xs">{requestId}</span>
          <CopyButton text={requestId} label="Copy the id of this request" />
        </span>
      </div>
      {live !== null && <Running live={live} nameOf={nameOf} />}
      {live === null && error !== null && (
        <Problem error={error} action={<Button onClick={lookAgain}>Look again</Button>} />
      )}
      {live === null && error === null && detail === null && (
        <div role="status" aria-label="Loading" className="h-96 animate-pulse rounded-xl bg-line/60" />
      )}
      {live === null && detail !== null && <Ended detail={detail} nameOf={nameOf} />}
    </>
  )
}

const figuresLook = 'grid grid-cols-2 gap-3 lg:grid-cols-4'

function Running({ live, nameOf }: { readonly live: LiveRequest; readonly nameOf: NameOf }) {
  const now = useNow(500)
  const { phase, modelId, workerId, tokensGenerated, handovers, timestamp } = live
  const seconds = Math.max(0, Math.floor((now - timestamp) / 1000))
  return (
    <div className="grid gap-3">
      <Summary status={<Status tone="fair">{phaseWords[phase]}</Status>} modelId={modelId}>
        {workerId === null ? 'no Mac has it yet' : `on ${nameOf(workerId)}`}
      </Summary>
      <dl className={figuresLook}>
        <Figure name="Tokens" value={whole(tokensGenerated)} />
        <Figure name="Running for" value={`${whole(seconds)} s`} />
        <Figure name="Taken over" value={handovers === 0 ? 'Never' : counted(handovers, 'time')} />
      </dl>
      <p className="text-muted">Why this Mac was chosen stands here as soon as the request has ended.</p>
    </div>
  )
}

function Ended({ detail, nameOf }: { readonly detail: DashboardRequestDetail; readonly nameOf: NameOf }) {
  const { status, modelId, workerId, firstTokenMs, latencyMs, errorCode, timestamp, tokensGenerated } = detail
  const speed = speedOf(detail)
  return (
    <div className="grid gap-3">
      <Summary status={<Status tone={statusTones[status]}>{statusWords[status]}</Status>} modelId={modelId}>
        {workerId === null ? 'no Mac took it' : `on ${nameOf(workerId)}`}, {when(timestamp, Date.now())}
      </Summary>
      {errorCode !== null && <WhatWentWrong code={errorCode} isFailure={status === 'failed'} />}
      <dl className={figuresLook}>
        <Figure name="First token after" value={firstTokenMs === null ? unknown : duration(firstTokenMs)} />
        <Figure name="Tokens a second" value={speed === null ? unknown : rate(speed)} />
        <Figure name="Tokens" value={whole(tokensGenerated)} />
        <Figure name="Took" value={duration(latencyMs)} />
      </dl>
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <ChoicesCard choices={detail.choices} nameOf={nameOf} />
        <div className="grid gap-3">
          <TimeLineCard detail={detail} nameOf={nameOf} />
          <TokensCard detail={detail} />
        </div>
      </div>
    </div>
  )
}

interface SummaryProps {
  readonly status: React.ReactNode
  readonly modelId: string
  readonly children: React.ReactNode
}

/** How it went, with what, and where, in one line. */
function Summary({ status, modelId, children }: SummaryProps) {
  return (
    <p className="figures flex flex-wrap items-baseline gap-x-2 text-base">
      <span className="font-medium">{status}</span>
      <span className="min-w-0 break-words font-medium">
        {modelId === '' ? 'No model' : modelLine(modelId)}
      </span>
      <span className="text-muted">{children}</span>
    </p>
  )
}

function WhatWentWrong({ code, isFailure }: { readonly code: string; readonly isFailure: boolean }) {
  const { what, advice } = sayErrorCode(code)
  return (
    <section
      aria-label="What went wrong"
      className={`rounded-xl px-4 py-3 ${isFailure ? 'bg-bad-soft' : 'border border-line bg-surface'}`}
    >
      <p className="font-medium">{what}</p>
      <p>{advice}</p>
      <p className="mt-1 font-mono text-muted text-xs">{code}</p>
    </section>
  )
}
