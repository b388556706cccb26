import { duration, rate, whole } from '../ui/format.ts'
import type { NameOf } from '../ui/use-mac-names.ts'
import type { Answer } from './conversation.ts'

/** Below an answer: who gave it, and how fast. It keeps its height while the figures come. */
export function AnswerLine({ answer, nameOf }: { readonly answer: Answer; readonly nameOf: NameOf }) {
  const { workerId, handovers, firstAtMs, askedAtMs, tokens } = answer
  const mac = workerId === null ? null : nameOf(workerId)
  const speed = speedOf(answer)
  const parts = [
    mac === null ? null : handovers > 0 ? `Taken over by ${mac}` : mac,
    tokens === null ? null : `${whole(tokens)} tokens`,
    speed === null ? null : `${rate(speed)} tokens/s`,
    firstAtMs === null ? null : `first after ${duration(firstAtMs - askedAtMs)}`,
  ]
  return (
    <p className="figures min-h-4 text-muted text-xs">
      {mac !== null && handovers === 0 && <span className="sr-only">Answered by </span>}
      {parts.filter(part => part !== null).join(' · ')}
    </p>
  )
}

/** Tokens a second since the first one; while it is written, up to now. */
function speedOf({ tokens, firstAtMs, endedAtMs }: Answer): number | null {
  if (tokens === null || tokens < 2 || firstAtMs === null) return null
  const tookMs = (endedAtMs ?? performance.now()) - firstAtMs
  return tookMs < 100 ? null : ((tokens - 1) * 1000) / tookMs
}
