import { CopyButton } from '../ui/copy-button.tsx'

export interface CopyRowProps {
  readonly name: string
  readonly value: string
}

/** One thing to carry elsewhere; belongs into a `<dl>`. */
export function CopyRow({ name, value }: CopyRowProps) {
  return (
    <div className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 py-1 sm:grid-cols-[6rem_minmax(0,1fr)_auto]">
      <dt className="text-muted">{name}</dt>
      <dd className="col-start-1 min-w-0 break-words font-mono sm:col-start-2">{value}</dd>
      <dd className="col-start-2 row-span-2 row-start-1 sm:col-start-3 sm:row-span-1">
        <CopyButton text={value} label={`Copy ${name}`} />
      </dd>
    </div>
  )
}
