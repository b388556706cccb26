import type { Pairing } from '../../main/protocol/mesh-answer.ts'
import type { MeshMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { Progress } from '../ui/progress.tsx'

export interface SixDigitsProps {
  readonly pairing: Extract<Pairing, { state: 'comparing' }>
  readonly membership: MeshMembership
}

/** Both people look: only when both Macs show the same is nobody in between. */
export function SixDigits({ pairing, membership: { busy, order } }: SixDigitsProps) {
  const { withName, shortCode, confirmedByUs } = pairing
  return (
    <div className="text-center">
      <p className="font-medium">Does {withName} show the same six digits?</p>
      <output className="figures my-3 block rounded-xl bg-accent-soft py-5 font-mono font-semibold text-4xl tracking-[0.15em]">
        {shortCode}
      </output>
      {confirmedByUs ? (
        <div className="grid min-h-14 content-center gap-2" role="status">
          <p>Now confirm on {withName}.</p>
          <Progress label={`Waiting for ${withName}`} value={null} />
        </div>
      ) : (
        <div className="grid min-h-14 content-center">
          <div className="flex justify-center gap-3">
            <Button
              look="danger"
              className="min-w-0 max-w-44 flex-1"
              disabled={busy}
              onClick={() => void order('pairing/confirm', { match: false })}
            >
              No, they differ
            </Button>
            <Button
              look="primary"
              className="min-w-0 max-w-44 flex-1"
              disabled={busy}
              onClick={() => void order('pairing/confirm', { match: true })}
            >
              Yes, the same
            </Button>
          </div>
        </div>
      )}
      <p className="mt-2 text-muted">If they differ, somebody may be in between: nobody is let in.</p>
    </div>
  )
}
