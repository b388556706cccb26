import type { DoctorFinding } from '../../main/protocol/settings.ts'
import { counted } from '../ui/format.ts'
import { Progress } from '../ui/progress.tsx'
import type { CheckState } from './use-doctor.ts'

export interface VerdictProps {
  readonly checks: readonly CheckState[]
  readonly isLooking: boolean
}

const grounds = { ok: 'bg-good-soft', warn: 'bg-fair-soft', fail: 'bg-bad-soft' }

/** All findings in one sentence. It keeps its height while they come in. */
export function Verdict({ checks, isLooking }: VerdictProps) {
  const looked = checks.filter(({ finding }) => finding !== null)
  const worst = worstOf(looked)
  const ground = isLooking && worst === 'ok' ? 'bg-surface' : grounds[worst]
  return (
    <div
      className={`mb-4 grid min-h-20 content-center gap-2 rounded-xl border border-line px-4 py-3 ${ground}`}
    >
      <p role="status" className="font-semibold text-lg">
        {isLooking ? 'Looking at everything' : sayVerdict(worst, looked)}
      </p>
      {isLooking ? (
        <div className="grid gap-1">
          <Progress label="Checks" value={checks.length === 0 ? null : looked.length / checks.length} />
        </div>
      ) : (
        <p className="text-muted">{counted(looked.length, 'check')} made on this Mac.</p>
      )}
    </div>
  )
}

function worstOf(checks: readonly CheckState[]): DoctorFinding['status'] {
  const found = checks.map(({ finding }) => finding?.status)
  if (found.includes('fail')) return 'fail'
  return found.includes('warn') ? 'warn' : 'ok'
}

function sayVerdict(worst: DoctorFinding['status'], checks: readonly CheckState[]): string {
  const count = checks.filter(({ finding }) => finding?.status === worst).length
  if (worst === 'ok') return 'Everything is in order'
  if (worst === 'warn') return count === 1 ? 'One thing is worth a look' : `${count} things are worth a look`
  return count === 1 ? 'One thing is broken' : `${count} things are broken`
}
