import { ToggleGroup } from 'radix-ui'

export interface ChoiceProps<T extends string> {
  readonly label: string
  readonly choices: readonly { readonly value: T; readonly name: string }[]
  readonly value: T
  readonly onChange: (value: T) => void
}

/** One of a few, all of them in sight. */
export function Choice<T extends string>({ label, choices, value, onChange }: ChoiceProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={chosen => {
        const known = choices.find(choice => choice.value === chosen)
        if (known) onChange(known.value)
      }}
      className="inline-flex rounded-lg bg-ground p-0.5"
    >
      {choices.map(choice => (
        <ToggleGroup.Item
          key={choice.value}
          value={choice.value}
          className="min-h-7 rounded-md px-3 text-muted transition-colors hover:text-text data-[state=on]:bg-surface data-[state=on]:font-medium data-[state=on]:text-text data-[state=on]:shadow-sm"
        >
          {choice.name}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
