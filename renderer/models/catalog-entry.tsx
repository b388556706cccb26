import type { CatalogAnswer } from '../../main/protocol/settings.ts'
import { bytes } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { fitWords } from './fit.ts'
import { GetModel } from './get-model.tsx'
import type { ModelMac } from './models-on-mesh.ts'
import { useModelOrder } from './use-model-order.ts'

export interface CatalogEntryProps {
  readonly entry: CatalogAnswer['models'][number]
  readonly mac: ModelMac
}

const fitTones = { well: 'text-good', tight: 'text-fair', no: 'text-bad' }

/** A model that could be had, and how it would suit the chosen Mac. */
export function CatalogEntry({ entry, mac }: CatalogEntryProps) {
  const { modelId, title, summary, sizeBytes, fits } = entry
  const status = mac.models.find(model => model.modelId === modelId) ?? null
  const orders = useModelOrder(mac.workerId, status)
  return (
    <li className="border-line border-t py-3 first:border-t-0">
      <div className="flex items-center justify-between gap-3">
        <div className="min-w-0">
          <p className="font-medium">{title}</p>
          <p className="text-muted text-xs">{summary}</p>
          <p className="figures mt-0.5 text-xs">
            <span className={fitTones[fits]}>{fitWords[fits]}</span>
            <span className="text-muted"> · {bytes(sizeBytes)}</span>
          </p>
        </div>
        <div className="shrink-0">
          <GetModel {...{ modelId, name: title, status, orders }} isDisabled={fits === 'no'} />
        </div>
      </div>
      {orders.error !== null && (
        <div className="mt-2">
          <Problem error={orders.error} />
        </div>
      )}
    </li>
  )
}
