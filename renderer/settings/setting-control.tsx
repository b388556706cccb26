import { useEffect, useRef, useState } from 'react'
import type { Setting } from '../../main/protocol/settings.ts'
import { field } from '../ui/field.ts'
import { Switch } from '../ui/switch.tsx'
import { nameOf, optionName } from './setting-words.ts'

export interface SettingControlProps {
  readonly setting: Setting
  readonly id: string
  readonly describedBy: string
  readonly invalid: boolean
  /** What is sent; the control shows what is true, which comes back. */
  readonly onChange: (value: unknown) => Promise<boolean>
}

export function SettingControl(props: SettingControlProps) {
  const { setting, id, describedBy, invalid, onChange } = props
  const { key, control, value } = setting
  const isReadOnly = setting.readOnlyReason !== null
  if (control.kind === 'switch')
    return (
      <Switch
        label={nameOf(setting)}
        checked={value === true}
        disabled={isReadOnly}
        onChange={checked => void onChange(checked)}
      />
    )
  if (control.kind === 'choice')
    return (
      <select
        id={id}
        value={String(value)}
        disabled={isReadOnly}
        aria-describedby={describedBy}
        aria-invalid={invalid}
        onChange={({ target }) => void onChange(target.value)}
        className={field}
      >
        {control.options.map(option => (
          <option key={option} value={option}>
            {optionName(key, option)}
          </option>
        ))}
      </select>
    )
  return <TypedControl {...props} />
}

/** What is typed is sent when one leaves it or presses Return; Escape takes it back. */
function TypedControl({ setting, id, describedBy, invalid, onChange }: SettingControlProps) {
  const { control, value, readOnlyReason, key } = setting
  const isStructure = Array.isArray(value) && value.some(each => typeof each !== 'string')
  const shown = showValue(value)
  const [text, setText] = useState(shown)
  /** Return sends, and leaving the field then does not once more. */
  const sent = useRef(shown)
  const send = () => {
    if (text === shown || text === sent.current) return
    sent.current = text
    void onChange(readText(text, control.kind))
  }
  useEffect(() => {
    setText(shown)
    sent.current = shown
  }, [shown])
  const common = {
    id,
    value: text,
    disabled: readOnlyReason !== null || isStructure,
    'aria-describedby': describedBy,
    'aria-invalid': invalid,
    spellCheck: false,
    autoComplete: 'off',
    onBlur: send,
  }
  if (control.kind === 'list')
    return (
      <textarea
        {...common}
        rows={Math.min(6, Math.max(2, text.split('\n').length))}
        placeholder="One a line"
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key: pressed }) => pressed === 'Escape' && setText(shown)}
        className={`${field} resize-y`}
      />
    )
  return (
    <input
      {...common}
      name={key}
      placeholder={setting.defaultValue === null ? 'None' : ''}
      inputMode={control.kind === 'number' ? (control.whole ? 'numeric' : 'decimal') : 'text'}
      onChange={({ target }) => setText(target.value)}
      onKeyDown={({ key: pressed }) => {
        if (pressed === 'Enter') send()
        if (pressed === 'Escape') setText(shown)
      }}
      className={`${field} ${control.kind === 'number' ? 'figures' : ''}`}
    />
  )
}

function showValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (!Array.isArray(value)) return String(value)
  return value.map(each => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n')
}

/** What cannot be read is sent as it is: the Mac says what is wrong with it. Nothing is the default. */
function readText(text: string, kind: Setting['control']['kind']): unknown {
  const trimmed = text.trim()
  if (kind === 'list')
    return text
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
  if (trimmed === '') return null
  const number = Number(trimmed.replace(',', '.'))
  return kind === 'number' && Number.isFinite(number) ? number : trimmed
}
