import { PlusIcon } from '@phosphor-icons/react/dist/csr/Plus'
import { useMemo, useRef, useState } from 'react'
import { useSteady, useSteadyMesh } from '../peer/steady.ts'
import { Button } from '../ui/button.tsx'
import { ChoiceField } from '../ui/choice-field.tsx'
import { Empty } from '../ui/empty.tsx'
import { TextField } from '../ui/text-field.tsx'
import { View } from '../ui/view.tsx'
import { AddModel } from './add-model.tsx'
import { ModelCard } from './model-card.tsx'
import {
  inOrder,
  isFound,
  type ModelOnMesh,
  modelMac,
  modelsOnMesh,
  type Order,
  orders,
} from './models-on-mesh.ts'

/** More are shown on demand. */
const shownAtOnce = 60
/** Fewer can be looked through without a search. */
const worthSearching = 4

export function ModelsView() {
  const macs = useSteadyMesh(({ workers }) => workers.map(modelMac))
  const models = useSteady(useMemo(() => modelsOnMesh(macs), [macs]))
  const [isAdding, setAdding] = useState(false)
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <PlusIcon aria-hidden="true" className="size-4" />
      Add a model
    </Button>
  )
  return (
    <View title="Models" actions={add}>
      {models.length === 0 ? (
        <Empty title="There is no model on any Mac of this mesh.">
          Download one: this Mac then answers with it, and other Macs can copy it from here.
        </Empty>
      ) : (
        <ModelList models={models} />
      )}
      {isAdding && <AddModel onClose={() => setAdding(false)} />}
    </View>
  )
}

const orderWords: Readonly<Record<Order, string>> = {
  ready: 'Ready first',
  name: 'By name',
  size: 'Largest first',
}

function ModelList({ models }: { readonly models: readonly ModelOnMesh[] }) {
  const [text, setText] = useState('')
  const [order, setOrder] = useState<Order>('ready')
  const [limit, setLimit] = useState(shownAtOnce)
  const found = useStandingOrder(models, order).filter(({ modelId }) => isFound(modelId, text))
  return (
    <>
      {models.length >= worthSearching && (
        <div className="mb-4 flex flex-wrap gap-2">
          <TextField
            label="Search models"
            isLabelHidden
            type="search"
            placeholder="Search models"
            value={text}
            onChange={setText}
            className="min-w-40 flex-1 sm:max-w-72"
          />
          <ChoiceField
            label="Order"
            isLabelHidden
            value={order}
            onChange={chosen => setOrder(orders.find(each => each === chosen) ?? 'ready')}
          >
            {orders.map(each => (
              <option key={each} value={each}>
                {orderWords[each]}
              </option>
            ))}
          </ChoiceField>
        </div>
      )}
      {found.length === 0 && (
        <Empty
          title="No model has that in its name."
          action={<Button onClick={() => setText('')}>Show all</Button>}
        />
      )}
      <div className="grid gap-3 xl:grid-cols-2 2xl:grid-cols-3">
        {found.slice(0, limit).map(model => (
          <ModelCard key={model.modelId} model={model} />
        ))}
      </div>
      {found.length > limit && (
        <Button className="mt-4" onClick={() => setLimit(limit + shownAtOnce)}>
          Show more
        </Button>
      )}
    </>
  )
}

/** Sorted anew when one comes or goes, or another order is wanted; not when one is loaded: it would move away under the pointer. */
function useStandingOrder(models: readonly ModelOnMesh[], order: Order): ModelOnMesh[] {
  const latest = useRef(models)
  latest.current = models
  const which = models.map(({ modelId }) => modelId).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` says when
  const ids = useMemo(() => inOrder(latest.current, order).map(({ modelId }) => modelId), [which, order])
  const byId = new Map(models.map(model => [model.modelId, model]))
  return ids.flatMap(id => byId.get(id) ?? [])
}
