import { useEffect, useState } from 'react'
import { type CatalogAnswer, catalogAnswer } from '../../main/protocol/settings.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Problem } from '../ui/problem.tsx'
import { ModelChoice } from './model-choice.tsx'
import { type Offer, offersOf } from './offers.ts'
import { StepHeading } from './step-heading.tsx'

/** Something to start with: what is on the disk answers at once, what is downloaded goes on while one continues. */
export function ModelStep() {
  const self = useMesh(({ self: { workerId } }) => workerId)
  const memoryGB = useMesh(({ workers }) => workers.find(isIt(self))?.hardware.unifiedMemoryGB ?? null)
  const models = useMesh(({ workers }) => workers.find(isIt(self))?.models)
  const [catalog, setCatalog] = useState<CatalogAnswer['models'] | null>(null)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    ask('/api/catalog', catalogAnswer).then(answer => setCatalog(answer.models), setError)
  }, [])
  const offers = offersOf(models ?? [], catalog ?? [])
  return (
    <>
      <StepHeading title="Choose a model to start with">
        {memoryGB === null
          ? 'This Mac runs no models itself: the other Macs of the mesh do.'
          : `These fit the ${Math.round(memoryGB)} GB of memory of this Mac. A download goes on while you continue; more models are a click away later.`}
      </StepHeading>
      {error !== null && (
        <div className="mb-4">
          <Problem error={error} />
        </div>
      )}
      <ul className="grid gap-2">
        {offers.map((offer: Offer) => (
          <ModelChoice key={offer.modelId} offer={offer} workerId={self} />
        ))}
        {catalog === null && error === null && <PlacesOfOffers />}
      </ul>
    </>
  )
}

function PlacesOfOffers() {
  return (
    <li role="status" aria-label="Loading the list of models" className="grid animate-pulse gap-2">
      {['a', 'b', 'c'].map(key => (
        <div key={key} className="h-20 rounded-xl bg-line/60" />
      ))}
    </li>
  )
}

function isIt(workerId: string) {
  return (worker: { readonly workerId: string }) => worker.workerId === workerId
}
