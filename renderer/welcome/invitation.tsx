import { useEffect, useState } from 'react'
import type { Pairing } from '../../main/protocol/mesh-answer.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Status } from '../ui/status.tsx'

export interface InvitationProps {
  readonly invitation: Extract<Pairing, { state: 'invited' }>
  readonly meshName: string
}

/** What the person at the other Mac needs: usually nothing but the name, sometimes the code. */
export function Invitation({ invitation, meshName }: InvitationProps) {
  const { code, addresses, expiresAtMs, lastFailure } = invitation
  return (
    <div className="grid gap-4">
      <ol className="list-decimal space-y-1.5 pl-5 marker:text-muted">
        <li>Open MLX Mesh on the other Mac; install it there first if need be.</li>
        <li>
          Choose <b>Join</b> beside <b>{meshName}</b>.
        </li>
        <li>Compare the six digits that both Macs show then.</li>
      </ol>
      <div className="flex items-center justify-between gap-3 rounded-xl bg-raised px-4 py-3">
        <Status tone="good">Waiting for the other Mac</Status>
        <TimeLeft untilMs={expiresAtMs} />
      </div>
      {lastFailure !== null && (
        <p role="alert" className="rounded-lg bg-fair-soft px-3 py-2">
          {lastFailure} The invitation is still open.
        </p>
      )}
      <details className="group">
        <summary className="w-fit rounded text-accent">The other Mac does not find this one</summary>
        <div className="mt-3 grid gap-3">
          <p className="text-muted">Type this code there, or send it. It lets one Mac in, once.</p>
          <div className="flex items-center justify-between gap-2 rounded-xl border border-line px-3 py-2">
            <code className="min-w-0 break-words font-mono font-medium text-base">{code}</code>
            <CopyButton text={code} label="Copy the code" />
          </div>
          {addresses.map(address => (
            <div key={address} className="flex items-center justify-between gap-2">
              <p className="min-w-0 break-words text-muted">
                Address of this Mac: <code className="font-mono text-text">{address}</code>
              </p>
              <CopyButton text={address} label={`Copy the address ${address}`} />
            </div>
          ))}
          <div className="flex items-center justify-between gap-2">
            <p className="min-w-0 text-muted">
              In a terminal:{' '}
              <code className="break-all font-mono text-text text-xs">npx mlx-mesh join {code}</code>
            </p>
            <CopyButton text={`npx mlx-mesh join ${code}`} label="Copy the command" />
          </div>
        </div>
      </details>
    </div>
  )
}

const tickMs = 1000

function TimeLeft({ untilMs }: { readonly untilMs: number }) {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), tickMs)
    return () => window.clearInterval(timer)
  }, [])
  const seconds = Math.max(0, Math.round((untilMs - nowMs) / 1000))
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return (
    <p role="timer" aria-label="Time left" className="figures shrink-0 text-muted">
      {clock} left
    </p>
  )
}
