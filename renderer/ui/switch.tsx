import { Switch as RadixSwitch } from 'radix-ui'

export interface SwitchProps {
  readonly label: string
  /** What is true, not what was clicked. */
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}

export function Switch({ label, checked, disabled = false, onChange }: SwitchProps) {
  return (
    <RadixSwitch.Root
      aria-label={label}
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChange}
      className="relative h-6 w-10 shrink-0 rounded-full bg-line transition-colors disabled:opacity-50 data-[state=checked]:bg-good-fill"
    >
      <RadixSwitch.Thumb className="block size-5 translate-x-0.5 rounded-full bg-white shadow transition-transform data-[state=checked]:translate-x-[1.125rem]" />
    </RadixSwitch.Root>
  )
}
