import { useEffect, useState } from 'react'
import { bytes } from '../ui/format.ts'
import { Progress } from '../ui/progress.tsx'
import { type Sample, sayTimeLeft, speedOf, withSample } from './transfer.ts'

export interface TransferLineProps {
  readonly label: string
  readonly bytes: number
  readonly ofBytes: number
}

const none: readonly Sample[] = []

/** A model on its way: how much of it is there, how fast it comes, how long it takes. */
export function TransferLine({ label, bytes: done, ofBytes }: TransferLineProps) {
  const [samples, setSamples] = useState(none)
  useEffect(() => setSamples(known => withSample(known, { atMs: performance.now(), bytes: done })), [done])
  const speed = speedOf(samples)
  const left = sayTimeLeft(ofBytes - done, speed)
  return (
    <div className="mt-2">
      <Progress label={label} value={ofBytes === 0 ? null : done / ofBytes} />
      <p className="figures mt-1.5 flex min-h-4 flex-wrap justify-between gap-x-3 text-muted text-xs">
        <span>{ofBytes === 0 ? 'Looking how large it is' : `${bytes(done)} of ${bytes(ofBytes)}`}</span>
        <span>
          {speed !== null && `${bytes(speed)}/s`}
          {left !== null && `, ${left}`}
        </span>
      </p>
    </div>
  )
}
