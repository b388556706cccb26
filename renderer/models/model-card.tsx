import { memo, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { bytes, counted, whole } from '../ui/format.ts'
import { modelName } from '../ui/model-name.ts'
import { ModelPlace } from './model-place.tsx'
import type { ModelOnMesh } from './models-on-mesh.ts'

/** Macs that are shown at once: with the model, and without it. */
const maxHaving = 8
const maxOthers = 2

/** One model, with every Mac that has it or could have it. */
export const ModelCard = memo(function ModelCard({ model }: { readonly model: ModelOnMesh }) {
  const [showsAll, setShowsAll] = useState(false)
  const { modelId, places } = model
  const { name, precision } = modelName(modelId)
  const having = places.filter(({ status }) => status !== null)
  const others = places.filter(({ status, isOnline }) => status === null && isOnline)
  const shown = showsAll
    ? [...having, ...others]
    : [...having.slice(0, maxHaving), ...(others.length <= maxOthers ? others : [])]
  const hidden = having.length + others.length - shown.length
  return (
    <article
      aria-label={name}
      className="@container min-w-0 self-start rounded-xl border border-line bg-surface px-4 pt-3.5 pb-1.5 [contain-intrinsic-size:auto_20rem] [content-visibility:auto]"
    >
      <header className="mb-1.5">
        <div className="flex items-start justify-between gap-2">
          <h2 className="min-w-0 break-words font-semibold text-base leading-6">
            {name}
            {precision !== null && (
              <span className="ml-2 rounded-md bg-accent-soft px-1.5 py-0.5 align-[1px] font-medium text-accent text-xs">
                {precision}
              </span>
            )}
          </h2>
          <ReadyOn model={model} />
        </div>
        <div className="flex min-w-0 items-center gap-0.5 text-muted text-xs">
          <span className="truncate font-mono">{modelId}</span>
          <CopyButton text={modelId} label={`Copy the id of ${name}`} className="size-6" />
        </div>
        <p className="figures text-muted text-xs">
          {bytes(model.sizeBytes)} · context of {whole(model.contextTokens)} tokens
        </p>
      </header>
      <ul>
        {shown.map(place => (
          <ModelPlace key={place.workerId} modelId={modelId} place={place} />
        ))}
      </ul>
      {hidden > 0 && (
        <Button look="quiet" className="-mx-3 my-1" onClick={() => setShowsAll(true)}>
          {having.length > maxHaving
            ? `Show ${counted(hidden, 'more Mac')}`
            : `Show ${counted(hidden, 'Mac')} without it`}
        </Button>
      )}
    </article>
  )
})

function ReadyOn({ model: { readyOn } }: { readonly model: ModelOnMesh }) {
  if (readyOn === 0) return null
  return (
    <span className="figures shrink-0 whitespace-nowrap rounded-full bg-good-soft px-2 py-0.5 text-good text-xs">
      {readyOn === 1 ? 'Ready' : `Ready on ${readyOn} Macs`}
    </span>
  )
}
