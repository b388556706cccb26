import type { ReactNode } from 'react'
import { PeerError } from '../peer/client.ts'

/** What went wrong, read out when it appears. */
export function Problem({ error, action }: { readonly error: unknown; readonly action?: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-3 rounded-lg bg-bad-soft px-3 py-2"
    >
      <p className="min-w-0 break-words">{sayError(error)}</p>
      {action}
    </div>
  )
}

export function sayError(error: unknown): string {
  if (error instanceof PeerError) return error.message
  return error instanceof Error ? error.message : String(error)
}
