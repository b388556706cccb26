// A Mac of the picture for hands and ears: the place that leads to its page, whose name says what is drawn there.
import { memo } from 'react'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { readyModels, sayState, shortChip } from '../macs/describe-mac.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { counted, percent } from '../ui/format.ts'
import { sayLink } from './picture-link.tsx'
import { areWordsAbove, type PictureMacProps } from './picture-mac.tsx'

const roomy = { width: 124, above: 46, below: 90 }
const dense = { width: 66, above: 24, below: 36 }

export const MacLink = memo(function MacLink({ workerId, at, layout }: PictureMacProps) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  const isSelf = useMesh(({ self }) => self.workerId === workerId)
  const isLeader = useMesh(({ leaderId }) => leaderId === workerId)
  if (!worker) return null
  const { width, above, below } = layout.isDense ? dense : roomy
  const isTurned = !layout.isCrowded && areWordsAbove(at, layout.self)
  return (
    <a
      href={`#/macs/${encodeURIComponent(workerId)}`}
      className="absolute rounded-xl hover:bg-accent/10"
      style={{ left: at.x - width / 2, top: at.y - (isTurned ? below : above), width, height: above + below }}
    >
      <span className="sr-only">{sayMac(worker, isSelf, isLeader)}</span>
    </a>
  )
})

/** The picture in words. */
function sayMac(worker: DashboardWorker, isSelf: boolean, isLeader: boolean): string {
  const { hostname, hardware, metrics, linkMs, status } = worker
  const models = readyModels(worker)
  const about = [
    isSelf ? 'this Mac' : null,
    isLeader ? 'leader' : null,
    `${shortChip(hardware.chipModel)}, ${Math.round(hardware.unifiedMemoryGB)} GB`,
    sayState(worker).word.toLowerCase(),
  ]
  if (status !== 'offline') {
    about.push(models.length === 0 ? 'no model in memory' : `serves ${models.join(', ')}`)
    if (metrics) {
      about.push(counted(metrics.activeRequests, 'request'), `GPU ${percent(metrics.gpuUtilizationPercent)}`)
    }
    if (linkMs !== null) about.push(`${sayLink(linkMs)} there and back`)
  }
  return `${hostname}: ${about.filter(Boolean).join(', ')}`
}
