import { CheckCircleIcon } from '@phosphor-icons/react/dist/csr/CheckCircle'
import { CircleDashedIcon } from '@phosphor-icons/react/dist/csr/CircleDashed'
import { WarningIcon } from '@phosphor-icons/react/dist/csr/Warning'
import { XCircleIcon } from '@phosphor-icons/react/dist/csr/XCircle'
import { memo } from 'react'
import { Button } from '../ui/button.tsx'
import { sentence } from '../ui/format.ts'
import type { CheckState } from './use-doctor.ts'

const signs = {
  ok: { Icon: CheckCircleIcon, ink: 'text-good', word: 'Good' },
  warn: { Icon: WarningIcon, ink: 'text-fair', word: 'Worth a look' },
  fail: { Icon: XCircleIcon, ink: 'text-bad', word: 'Broken' },
}
const waiting = { Icon: CircleDashedIcon, ink: 'text-muted', word: 'Not looked at yet' }

export interface FindingRowProps {
  readonly check: CheckState
  readonly mend: (id: string) => Promise<void>
}

export const FindingRow = memo(function FindingRow({ check, mend }: FindingRowProps) {
  const { id, title, isLooking, finding } = check
  const { Icon, ink, word } = finding && !isLooking ? signs[finding.status] : waiting
  return (
    <li className="flex min-h-16 gap-3 py-3">
      <Icon
        aria-hidden="true"
        weight={finding && !isLooking ? 'fill' : 'regular'}
        className={`mt-0.5 size-5 shrink-0 ${ink} ${isLooking ? 'animate-pulse' : ''}`}
      />
      <div className="grid min-w-0 flex-1 gap-x-4 gap-y-2 sm:grid-cols-[1fr_auto]">
        <div className="min-w-0">
          <h3 className="font-medium">
            {title}
            <span className="sr-only">: {isLooking ? 'Looking' : word}</span>
          </h3>
          <p className="break-words text-muted">
            {isLooking ? 'Looking' : finding ? sentence(finding.message) : 'Waiting'}
          </p>
          {!isLooking && finding?.advice != null && <p className="mt-1 break-words">{finding.advice}</p>}
        </div>
        {!isLooking && finding?.mend != null && (
          <Button className="self-start justify-self-start" onClick={() => void mend(id)}>
            {finding.mend}
          </Button>
        )}
      </div>
    </li>
  )
})
