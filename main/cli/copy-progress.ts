// What is said while a model comes: each state once, and of a copy or a download how far, how fast, and how long yet.

import { formatBytes } from '../client/format-bytes.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { describeState, formatDuration } from './format.ts'

/** Speed is that of the last seconds. */
const windowS = 10
/** A slow download is spoken of so often, whatever it has brought. */
const quietS = 10

interface Sample {
  readonly atS: number
  readonly bytes: number
}

/** Returns what is new since it was called before; null: nothing worth a line. */
export function createProgress(): (status: ModelStatus, atS: number) => string | null {
  let said = ''
  let saidAtS = 0
  let samples: Sample[] = []
  return (status, atS) => {
    const state = describeState(status)
    const { copied } = status
    if (status.state === 'downloading' && copied && copied.bytes !== samples.at(-1)?.bytes) {
      samples = [...samples.filter(sample => atS - sample.atS <= windowS), { atS, bytes: copied.bytes }]
    }
    const isDue = status.state === 'downloading' && atS - saidAtS >= quietS
    if (state === said && !isDue) return null
    said = state
    saidAtS = atS
    if (status.state !== 'downloading' || !copied) return state
    return [`${state} of ${formatBytes(copied.ofBytes)}`, ...pace(samples, copied)].join(', ')
  }
}

/** `45 MB/s` and `2 min left`, once it is known. */
function pace(samples: readonly Sample[], { bytes, ofBytes }: { bytes: number; ofBytes: number }): string[] {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atS <= first.atS || last.bytes <= first.bytes) return []
  const bytesPerS = (last.bytes - first.bytes) / (last.atS - first.atS)
  const left = formatDuration(((ofBytes - bytes) / bytesPerS) * 1000)
  return [`${(bytesPerS / 2 ** 20).toFixed(bytesPerS < 10 * 2 ** 20 ? 1 : 0)} MB/s`, `${left} left`]
}
