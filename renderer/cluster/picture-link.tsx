// The line from this Mac to another one: how long a word takes there and back, and what is under way on it.
import { memo } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useMesh } from '../peer/mesh-store.ts'
import type { Layout, Point } from './place-macs.ts'

export interface PictureLinkProps {
  readonly workerId: string
  readonly from: Point
  readonly to: Point
  readonly layout: Layout
}

/** Along the line; nearer to the other Mac where this Mac's words are in between. */
const labelAt = { level: 0.54, below: 0.66 }

export const PictureLink = memo(function PictureLink({ workerId, from, to, layout }: PictureLinkProps) {
  const { isOffline, linkMs, streams } = useMesh(
    useShallow(({ workers, live }) => {
      const worker = workers.find(each => each.workerId === workerId)
      return {
        isOffline: worker?.status === 'offline',
        linkMs: worker?.linkMs ?? null,
        streams: live.filter(request => request.workerId === workerId).length,
      }
    }),
  )
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const degrees = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI
  const share = to.y > from.y + 40 ? labelAt.below : labelAt.level
  const label = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) }
  return (
    <>
      <line
        x1={from.x}
        y1={from.y}
        x2={to.x}
        y2={to.y}
        strokeWidth="1.5"
        strokeDasharray={isOffline ? '2 6' : undefined}
        className={layout.isCrowded ? 'stroke-line/50' : 'stroke-line'}
      />
      {streams > 0 && !isOffline && (
        <Stream from={from} length={length} degrees={degrees} streams={streams} />
      )}
      {!layout.isDense && linkMs !== null && !isOffline && (
        <text
          x={label.x}
          y={label.y + 4}
          textAnchor="middle"
          strokeWidth="6"
          paintOrder="stroke"
          className="figures fill-muted stroke-surface text-[11px]"
        >
          {sayLink(linkMs)}
        </text>
      )}
    </>
  )
})

interface StreamProps {
  readonly from: Point
  readonly length: number
  readonly degrees: number
  readonly streams: number
}

const dashesPx = { dash: 10, gap: 14 }
const thickest = 5

/** Dashes that move along the line; its ends lie under the discs. Moved as a whole, which costs the page nothing. */
function Stream({ from, length, degrees, streams }: StreamProps) {
  const period = dashesPx.dash + dashesPx.gap
  return (
    <g transform={`translate(${from.x} ${from.y}) rotate(${degrees})`}>
      <line
        x1={0}
        y1={0}
        x2={Math.max(0, length - period)}
        y2={0}
        strokeWidth={Math.min(thickest, 2 + streams / 2)}
        strokeLinecap="round"
        strokeDasharray={`${dashesPx.dash} ${dashesPx.gap}`}
        className="stream stroke-accent-fill"
      />
    </g>
  )
}

/** "0.8 ms", "12 ms" */
export function sayLink(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
