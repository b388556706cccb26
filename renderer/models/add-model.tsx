import { useEffect, useState } from 'react'
import { fitOf } from '../../main/protocol/model-memory.ts'
import { type CatalogAnswer, catalogAnswer } from '../../main/protocol/settings.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { useSteadyMesh } from '../peer/steady.ts'
import { Button } from '../ui/button.tsx'
import { ChoiceField } from '../ui/choice-field.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { CatalogEntry } from './catalog-entry.tsx'
import { modelMac } from './models-on-mesh.ts'
import { NamedModel } from './named-model.tsx'

/** Chooses a Mac, and what it should download. */
export function AddModel({ onClose }: { readonly onClose: () => void }) {
  const ownId = useMesh(({ self }) => self.workerId)
  const macs = useSteadyMesh(({ workers }) =>
    workers.filter(({ status }) => status !== 'offline').map(worker => modelMac(worker)),
  )
  const [chosenId, setChosenId] = useState(ownId)
  const chosen = macs.find(({ workerId }) => workerId === chosenId) ?? macs[0]
  return (
    <Dialog title="Add a model" onClose={onClose} actions={<Button onClick={onClose}>Done</Button>}>
      {chosen === undefined ? (
        <p className="text-muted">No Mac is online that could run a model.</p>
      ) : (
        <div className="grid gap-4">
          {macs.length > 1 && (
            <ChoiceField label="For" value={chosen.workerId} onChange={setChosenId}>
              {macs.map(({ workerId, hostname, memoryGB }) => (
                <option key={workerId} value={workerId}>
                  {`${hostname}${workerId === ownId ? ' (this Mac)' : ''}, ${memoryGB} GB`}
                </option>
              ))}
            </ChoiceField>
          )}
          <Catalog mac={chosen} isOwn={chosen.workerId === ownId} />
          <NamedModel key={chosen.workerId} mac={chosen} />
        </div>
      )}
    </Dialog>
  )
}

interface CatalogProps {
  readonly mac: ReturnType<typeof modelMac>
  readonly isOwn: boolean
}

function Catalog({ mac, isOwn }: CatalogProps) {
  const [found, setFound] = useState<CatalogAnswer['models'] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const look = () => {
    setError(null)
    ask('/api/catalog', catalogAnswer).then(({ models }) => setFound(models), setError)
  }
  useEffect(look, [])
  if (error !== null) return <Problem error={error} action={<Button onClick={look}>Try again</Button>} />
  if (found === null)
    return (
      <div
        role="status"
        aria-label="Loading the catalog"
        className="h-72 animate-pulse rounded-xl bg-line/60"
      />
    )
  if (found.length === 0) return <p className="text-muted">The catalog of this Mac is empty.</p>
  return (
    <ul
      aria-label="Models to choose from"
      className="max-h-[min(26rem,50vh)] overflow-y-auto rounded-xl border border-line px-3"
    >
      {sortedFor(found, mac, isOwn).map(entry => (
        <CatalogEntry key={`${mac.workerId} ${entry.modelId}`} entry={entry} mac={mac} />
      ))}
    </ul>
  )
}

type Entry = CatalogAnswer['models'][number]

const fitRanks = { well: 0, tight: 1, no: 2 }

/** The peer sorts for itself; for another Mac those that fit it come first, the largest of them first. */
function sortedFor(entries: readonly Entry[], { memoryGB }: CatalogProps['mac'], isOwn: boolean): Entry[] {
  if (isOwn) return [...entries]
  return entries
    .map(entry => ({ ...entry, fits: fitOf(entry.sizeBytes, memoryGB) }))
    .sort((one, other) => fitRanks[one.fits] - fitRanks[other.fits] || other.sizeBytes - one.sizeBytes)
}
