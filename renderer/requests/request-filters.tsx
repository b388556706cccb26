import { useEffect, useState } from 'react'
import { useSteadyMesh } from '../peer/steady.ts'
import { Button } from '../ui/button.tsx'
import { ChoiceField } from '../ui/choice-field.tsx'
import { modelLine } from '../ui/model-name.ts'
import { TextField } from '../ui/text-field.tsx'
import { useMacNames } from '../ui/use-mac-names.ts'
import { queryOf, type RequestFilter } from './request-filter.ts'
import { statusWords } from './request-words.ts'

export interface RequestFiltersProps {
  readonly filter: RequestFilter
  readonly onChange: (filter: RequestFilter) => void
}

const typingMs = 250

export function RequestFilters({ filter, onChange }: RequestFiltersProps) {
  const { modelIds, workerIds } = useChoices(filter)
  const nameOf = useMacNames()
  return (
    <div className="mb-3 flex flex-wrap gap-2">
      <SearchField filter={filter} onChange={onChange} />
      <ChoiceField
        label="Outcome"
        isLabelHidden
        className={choiceLook}
        value={filter.status ?? ''}
        onChange={status => onChange({ ...filter, status: statuses.find(each => each === status) ?? null })}
      >
        <option value="">Any outcome</option>
        {statuses.map(status => (
          <option key={status} value={status}>
            {statusWords[status]}
          </option>
        ))}
      </ChoiceField>
      <ChoiceField
        label="Model"
        isLabelHidden
        className={choiceLook}
        value={filter.model ?? ''}
        onChange={model => onChange({ ...filter, model: model || null })}
      >
        <option value="">Any model</option>
        {modelIds.map(modelId => (
          <option key={modelId} value={modelId}>
            {modelLine(modelId)}
          </option>
        ))}
      </ChoiceField>
      <ChoiceField
        label="Mac"
        isLabelHidden
        className={choiceLook}
        value={filter.worker ?? ''}
        onChange={worker => onChange({ ...filter, worker: worker || null })}
      >
        <option value="">Any Mac</option>
        {workerIds.map(workerId => (
          <option key={workerId} value={workerId}>
            {nameOf(workerId)}
          </option>
        ))}
      </ChoiceField>
      {queryOf(filter) !== '' && (
        <Button look="quiet" onClick={() => onChange({ status: null, model: null, worker: null, text: '' })}>
          Show all
        </Button>
      )}
    </div>
  )
}

/** Side by side on a narrow page, too. */
const choiceLook = 'flex-1 basis-32 sm:max-w-52 sm:flex-none sm:basis-auto'

const statuses = ['completed', 'failed', 'cancelled'] as const

/** Asks when the typing pauses. */
function SearchField({ filter, onChange }: RequestFiltersProps) {
  const [text, setText] = useState(filter.text)
  useEffect(() => setText(filter.text), [filter.text])
  useEffect(() => {
    if (text === filter.text) return
    const timer = window.setTimeout(() => onChange({ ...filter, text }), typingMs)
    return () => window.clearTimeout(timer)
  }, [text, filter, onChange])
  return (
    <TextField
      label="Search requests"
      isLabelHidden
      type="search"
      placeholder="Search id, model or error"
      value={text}
      onChange={setText}
      className="min-w-full flex-1 sm:min-w-48 sm:max-w-72"
    />
  )
}

/** What the mesh has now, and what is asked for although it has gone. */
function useChoices({ model, worker }: RequestFilter) {
  return useSteadyMesh(({ workers }) => {
    const models = workers.flatMap(each => each.models.map(({ modelId }) => modelId))
    const macs = workers.map(({ workerId }) => workerId)
    return {
      modelIds: [...new Set([...models, ...(model === null ? [] : [model])])].sort(),
      workerIds: [...new Set([...macs, ...(worker === null ? [] : [worker])])],
    }
  })
}
