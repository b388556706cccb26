// What is drawn of a Mac: its disc, whose ring is what its GPU does, and the signs on it.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { sayState } from '../macs/describe-mac.ts'

export interface PictureDiscProps {
  readonly worker: DashboardWorker
  readonly radius: number
  readonly isDense: boolean
}

const grounds = {
  good: 'fill-surface stroke-line',
  fair: 'fill-fair-soft stroke-fair-fill',
  bad: 'fill-bad-soft stroke-bad-fill',
  idle: 'fill-ground stroke-line',
}

export function PictureDisc({ worker, radius, isDense }: PictureDiscProps) {
  const isOffline = worker.status === 'offline'
  const ring = isDense ? 3 : 4
  return (
    <>
      {/* Covers the lines that end here. */}
      <circle r={radius + ring + 2} className="fill-surface" />
      <circle
        r={radius}
        strokeWidth={isOffline ? 1.5 : ring}
        strokeDasharray={isOffline ? '3 4' : undefined}
        className={`${grounds[sayState(worker).tone]}`}
      />
      {!isOffline && (
        <>
          <circle
            r={radius}
            pathLength={100}
            strokeWidth={ring}
            strokeDasharray={`${Math.min(100, Math.round(worker.metrics?.gpuUtilizationPercent ?? 0))} 200`}
            transform="rotate(-90)"
            fill="none"
            className="stroke-accent-fill"
          />
          <Inside worker={worker} isDense={isDense} />
        </>
      )}
    </>
  )
}

/** That it is paused, else how many requests it has. */
function Inside({ worker, isDense }: Omit<PictureDiscProps, 'radius'>) {
  const active = worker.metrics?.activeRequests ?? 0
  if (sayState(worker).word === 'Paused') {
    return (
      <path
        d="M-3.5 -5v10M3.5 -5v10"
        strokeWidth="3"
        strokeLinecap="round"
        transform={isDense ? 'scale(0.7)' : undefined}
        className="stroke-fair"
      />
    )
  }
  if (active === 0) return null
  return (
    <text
      y={isDense ? 4 : 5}
      textAnchor="middle"
      className={`figures fill-text font-semibold ${isDense ? 'text-[11px]' : 'text-[15px]'}`}
    >
      {active}
    </text>
  )
}

/** What is under way for this Mac, on this Mac: it goes round. */
export function OwnStream({ radius }: { readonly radius: number }) {
  return (
    <circle
      r={radius}
      pathLength={96}
      strokeWidth="2"
      strokeLinecap="round"
      strokeDasharray="3 9"
      fill="none"
      className="own-stream stroke-accent-fill"
    />
  )
}

interface LeaderSignProps {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export function LeaderSign({ x, y, scale }: LeaderSignProps) {
  return (
    <g transform={`translate(${x} ${y}) scale(${scale})`}>
      <circle r="9" className="fill-surface stroke-line" />
      <path d={star} className="fill-accent" />
    </g>
  )
}

export const star = 'M0 -5.5 1.6 -1.9 5.5 -1.6 2.5 0.9 3.4 4.7 0 2.7 -3.4 4.7 -2.5 0.9 -5.5 -1.6 -1.6 -1.9Z'
