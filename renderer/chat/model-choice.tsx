import { ChoiceField } from '../ui/choice-field.tsx'
import { modelLine } from '../ui/model-name.ts'
import type { ChatModel } from './chat-models.ts'

export interface ModelChoiceProps {
  readonly models: readonly ChatModel[]
  readonly value: string
  readonly onChange: (modelId: string) => void
}

export function ModelChoice({ models, value, onChange }: ModelChoiceProps) {
  const groups = [
    { label: 'Ready', models: models.filter(({ isReady }) => isReady) },
    { label: 'Loaded when asked', models: models.filter(({ isReady }) => !isReady) },
  ]
  return (
    <ChoiceField
      label="Model"
      isLabelHidden
      value={value}
      onChange={onChange}
      className="min-w-0 flex-1 basis-32 sm:w-64 sm:flex-none sm:basis-auto"
    >
      {groups
        .filter(group => group.models.length > 0)
        .map(group => (
          <optgroup key={group.label} label={group.label}>
            {group.models.map(({ modelId }) => (
              <option key={modelId} value={modelId}>
                {modelLine(modelId)}
              </option>
            ))}
          </optgroup>
        ))}
    </ChoiceField>
  )
}
