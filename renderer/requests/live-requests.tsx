import { memo } from 'react'
import type { LiveRequest } from '../../main/protocol/dashboard.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { counted, duration, whole } from '../ui/format.ts'
import { modelLine } from '../ui/model-name.ts'
import { Status, type Tone } from '../ui/status.tsx'
import { useMacNames } from '../ui/use-mac-names.ts'
import { useNow } from '../ui/use-now.ts'
import { matchesLive, queryOf, type RequestFilter } from './request-filter.ts'
import { phaseWords } from './request-words.ts'

const maxShown = 50
const tickMs = 500

/** What is under way now. It keeps its height, so that nothing below moves. */
export function LiveRequests({ filter }: { readonly filter: RequestFilter }) {
  const all = useMesh(({ live }) => live)
  const nameOf = useMacNames()
  const now = useNow(tickMs)
  const live = all.filter(request => matchesLive(request, filter))
  const query = queryOf(filter)
  return (
    <Card
      title="Now"
      aside={
        <span className="figures text-muted">{live.length === 0 ? '' : `${whole(live.length)} running`}</span>
      }
    >
      <section
        aria-label="Running requests"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
        tabIndex={0}
        className="-mx-4 h-36 lg:h-[6.75rem] overflow-y-auto px-4"
      >
        {live.length === 0 && (
          <p className="grid h-full place-items-center text-muted">No request is running.</p>
        )}
        <ul>
          {live.slice(0, maxShown).map(request => (
            <LiveRow
              key={request.requestId}
              request={request}
              mac={request.workerId === null ? null : nameOf(request.workerId)}
              seconds={Math.max(0, Math.floor((now - request.timestamp) / 1000))}
              query={query}
            />
          ))}
        </ul>
        {live.length > maxShown && (
          <p className="py-2 text-muted">And {counted(live.length - maxShown, 'more', 'more')}.</p>
        )}
      </section>
    </Card>
  )
}

interface LiveRowProps {
  readonly request: LiveRequest
  readonly mac: string | null
  readonly seconds: number
  readonly query: string
}

const tones: Readonly<Record<LiveRequest['phase'], Tone>> = {
  queued: 'idle',
  prefill: 'fair',
  generating: 'good',
}

const LiveRow = memo(function LiveRow({ request, mac, seconds, query }: LiveRowProps) {
  const { requestId, modelId, phase, tokensGenerated, handovers } = request
  const where = `${mac ?? 'No Mac yet'}${handovers > 0 ? `, taken over ${times(handovers)}` : ''}`
  return (
    <li className="relative grid h-12 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-line border-t first:border-t-0 hover:bg-raised lg:h-9 lg:grid-cols-[10rem_minmax(0,2fr)_minmax(0,1.4fr)_6rem_5rem]">
      <span className="hidden truncate lg:block">
        <Status tone={tones[phase]}>{phaseWords[phase]}</Status>
      </span>
      <span className="min-w-0">
        <a
          href={`#/requests/${encodeURIComponent(requestId)}${query}`}
          className="block truncate after:absolute after:inset-0"
        >
          {modelLine(modelId)}
        </a>
        <span className="block truncate text-muted text-xs lg:hidden">
          {phaseWords[phase]} · {where}
        </span>
      </span>
      <span className="hidden truncate text-muted lg:block">{where}</span>
      <span className="figures hidden text-right text-muted lg:block">
        {counted(tokensGenerated, 'token')}
      </span>
      <span className="figures text-right">
        {seconds < 60 ? `${seconds} s` : duration(seconds * 1000)}
        <span className="block text-muted text-xs lg:hidden">{counted(tokensGenerated, 'token')}</span>
      </span>
    </li>
  )
})

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
