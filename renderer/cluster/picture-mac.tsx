// One Mac of the picture.
import { memo } from 'react'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { LeaderSign, OwnStream, PictureDisc } from './picture-disc.tsx'
import { PictureName, PictureWords } from './picture-words.tsx'
import type { Layout, Point } from './place-macs.ts'

export interface PictureMacProps {
  readonly workerId: string
  readonly at: Point
  readonly layout: Layout
}

export const PictureMac = memo(function PictureMac({ workerId, at, layout }: PictureMacProps) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  const isSelf = useMesh(({ self }) => self.workerId === workerId)
  const isLeader = useMesh(({ leaderId }) => leaderId === workerId)
  const serves = useMesh(({ live }) => live.some(request => request.workerId === workerId))
  if (!worker) return null
  const { isDense, isCrowded, self } = layout
  const radius = radiusOf(worker, isDense) * layout.scale
  const isAbove = !isCrowded && areWordsAbove(at, self)
  return (
    <g transform={`translate(${at.x} ${at.y})`}>
      <PictureDisc worker={worker} radius={radius} isDense={isDense} />
      {isSelf && serves && <OwnStream radius={radius + (isDense ? 5 : 7)} />}
      {isLeader && <LeaderSign x={radius * 0.74} y={-radius * 0.74} scale={isDense ? 0.75 : 1.1} />}
      {isDense ? (
        <PictureName y={isAbove ? -radius - 8 : radius + 15} isShort isSelf={isSelf} worker={worker} />
      ) : (
        <PictureWords
          worker={worker}
          isSelf={isSelf}
          place={isAbove ? { above: radius + 14 } : { below: radius + 23 }}
        />
      )}
    </g>
  )
})

/** The more memory, the larger. */
function radiusOf({ hardware }: DashboardWorker, isDense: boolean): number {
  const byMemory = Math.min(1, Math.sqrt(hardware.unifiedMemoryGB / 256))
  return isDense ? 11 + 8 * byMemory : 19 + 15 * byMemory
}

/** So that no line goes through them. */
export function areWordsAbove(at: Point, self: Point): boolean {
  return at.y < self.y - 20
}
