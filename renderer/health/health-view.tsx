import { useMesh } from '../peer/mesh-store.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Problem } from '../ui/problem.tsx'
import { View } from '../ui/view.tsx'
import { DiagnosticsButton } from './diagnostics-button.tsx'
import { FindingRow } from './finding-row.tsx'
import { findingsText } from './findings-text.ts'
import { useDoctor } from './use-doctor.ts'
import { Verdict } from './verdict.tsx'

export function HealthView() {
  const { checks, error, isLooking, lookAgain, mend } = useDoctor()
  const version = useMesh(({ self }) => self.version)
  return (
    <View
      title="Health"
      isColumn
      actions={
        <Button disabled={isLooking} onClick={lookAgain}>
          Check again
        </Button>
      }
    >
      {error !== null && (
        <div className="mb-4">
          <Problem error={error} action={<Button onClick={lookAgain}>Try again</Button>} />
        </div>
      )}
      {(checks !== null || isLooking) && <Verdict checks={checks ?? []} isLooking={isLooking} />}
      {checks && (
        <Card
          title="Findings"
          aside={
            <CopyButton look="plain" label="Copy as text" text={() => findingsText(checks, version)}>
              Copy as text
            </CopyButton>
          }
        >
          <ul className="-mb-3 divide-y divide-line">
            {checks.map(check => (
              <FindingRow key={check.id} check={check} mend={mend} />
            ))}
          </ul>
        </Card>
      )}
      <Card title="For a bug report" className="mt-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <p className="min-w-0 text-muted">
            Logs, settings and findings in one file. Prompts and answers are not in it.
          </p>
          <DiagnosticsButton />
        </div>
      </Card>
    </View>
  )
}
