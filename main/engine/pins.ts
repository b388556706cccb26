// Which models of this Mac stay in memory, as its owner said; kept in a file.
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'
import { faultOf } from '../protocol/json.ts'
import type { Log } from '../telemetry/log.ts'

export interface Pins {
  has(modelId: string): boolean
  list(): readonly string[]
  set(modelId: string, pinned: boolean): void
}

const keptPins = z.object({ modelIds: z.array(z.string()) })

/** On a full disk a pin holds until the next restart; a file that cannot be read counts as none. */
export function openPins(file: string, log: Log): Pins {
  const pinned = new Set(readPins(file, log))
  return {
    has: modelId => pinned.has(modelId),
    list: () => [...pinned],
    set: (modelId, isPinned) => {
      if (pinned.has(modelId) === isPinned) return
      if (isPinned) pinned.add(modelId)
      else pinned.delete(modelId)
      try {
        writeFileAtomically(file, `${JSON.stringify({ modelIds: [...pinned] })}\n`)
      } catch (error) {
        log.warn('which models are pinned could not be kept', { file, error })
      }
    },
  }
}

export const noPins: Pins = { has: () => false, list: () => [], set: () => {} }

function readPins(file: string, log: Log): readonly string[] {
  if (!existsSync(file)) return []
  try {
    return keptPins.parse(JSON.parse(readFileSync(file, 'utf8'))).modelIds
  } catch (thrown) {
    log.warn('which models are pinned could not be read', { file, fault: faultOf(thrown) })
    return []
  }
}
