import { memo, useId } from 'react'
import type { Setting } from '../../main/protocol/settings.ts'
import { Button } from '../ui/button.tsx'
import { SettingControl } from './setting-control.tsx'
import { nameOf, sayValue } from './setting-words.ts'

export interface SettingRowProps {
  readonly setting: Setting
  readonly isPending: boolean
  readonly problem: string | null
  readonly change: (key: string, value: unknown) => Promise<boolean>
}

/** One setting: what it is, what it means, what it is set to and by whom. */
export const SettingRow = memo(function SettingRow({ setting, isPending, problem, change }: SettingRowProps) {
  const id = useId()
  const { key, meaning, source, readOnlyReason, control } = setting
  return (
    <li
      id={`setting-${key}`}
      className={`grid scroll-mt-28 gap-x-6 gap-y-2 py-3 ${control.kind === 'switch' ? 'grid-cols-[minmax(0,1fr)_auto]' : '@xl:grid-cols-[minmax(0,1fr)_minmax(0,15rem)]'}`}
    >
      <div className="min-w-0">
        <p className="font-medium">
          {control.kind === 'switch' ? nameOf(setting) : <label htmlFor={id}>{nameOf(setting)}</label>}
          {isPending && (
            <span className="ml-2 rounded-full bg-fair-soft px-2 py-0.5 font-normal text-fair text-xs">
              after a restart
            </span>
          )}
        </p>
        <p className="text-muted">{meaning}</p>
        <p id={`${id}more`} className="mt-0.5 break-words text-muted text-xs">
          <Provenance setting={setting} />
        </p>
      </div>
      <div className="min-w-0">
        <div className="flex min-h-9 items-center justify-end gap-2">
          {source === 'settings' && readOnlyReason === null && (
            <Button
              look="quiet"
              aria-label={`Reset ${nameOf(setting)}`}
              onClick={() => void change(key, null)}
            >
              Reset
            </Button>
          )}
          <SettingControl
            setting={setting}
            id={id}
            describedBy={`${id}more ${id}problem`}
            invalid={problem !== null}
            onChange={value => change(key, value)}
          />
        </div>
        <p id={`${id}problem`} role="alert" className="mt-1 break-words text-bad text-xs">
          {problem}
        </p>
      </div>
    </li>
  )
})

function Provenance({ setting }: { readonly setting: Setting }) {
  const { key, source, sourceText, readOnlyReason, defaultValue, expected } = setting
  const code = <code className="font-mono">{key}</code>
  const from = source === 'default' || source === 'settings' ? '' : ` · Set by ${sourceText}`
  if (readOnlyReason !== null)
    return (
      <>
        {code}
        {source === 'flag' ? '' : from} · {readOnlyReason}
      </>
    )
  const normally = `Default: ${sayValue(setting, defaultValue)}`
  const limits = setting.control.kind === 'number' ? ` · ${expected}` : ''
  return (
    <>
      {code} · {normally}
      {from}
      {limits}
    </>
  )
}
