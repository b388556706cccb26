import { memo } from 'react'
import { useMesh } from '../peer/mesh-store.ts'
import { Figure } from '../ui/figure.tsx'
import { duration, percent, rate, unknown, whole } from '../ui/format.ts'

/** How the mesh does, in numbers: those of now first, those of a day after them. */
export const ClusterFigures = memo(function ClusterFigures() {
  const { workers, throughput, requests, latency } = useMesh(({ overview }) => overview)
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      <Figure
        name="Macs online"
        value={whole(workers.online)}
        unit={`of ${whole(workers.total)}`}
        note={workers.offline === 0 ? 'All are here' : `${whole(workers.offline)} offline`}
      />
      <Figure
        name="Speed"
        value={rate(throughput.current)}
        unit="tokens/s"
        note={throughput.avg24h === null ? 'No answers yet' : `${rate(throughput.avg24h)} on average`}
      />
      <Figure name="Active requests" value={whole(requests.active)} note="Sent to this Mac" />
      <Figure name="Requests in 24 h" value={whole(requests.total24h)} note="Sent to this Mac" />
      <Figure
        name="Failed in 24 h"
        value={requests.errorRate24h === null ? unknown : percent(requests.errorRate24h)}
        note={requests.errorRate24h === null ? 'No requests yet' : 'Of all requests'}
      />
      <Figure
        name="Latency, p50"
        value={say(latency.p50)}
        note={latency.p50 === null ? 'No answers yet' : `p95 ${say(latency.p95)} · p99 ${say(latency.p99)}`}
      />
    </dl>
  )
})

function say(ms: number | null): string {
  return ms === null ? unknown : duration(ms)
}
