import { useMembership } from '../peer/mesh-membership.ts'
import { OpenAtLogin } from '../settings/open-at-login.tsx'
import { ShareGpu } from '../settings/share-gpu.tsx'
import { MacName } from './mac-name.tsx'
import { StepHeading } from './step-heading.tsx'

/** What it is called, and what it does for the others. */
export function ThisMacStep() {
  const membership = useMembership()
  return (
    <>
      <StepHeading title="This Mac">
        You come first: while you work, run on battery or the Mac is hot, it leaves the work to the others.
      </StepHeading>
      <div className="grid gap-4">
        <MacName membership={membership} />
        <ShareGpu />
        {window.mlxMesh && (
          <div className="rounded-xl border border-line bg-surface px-4 py-3">
            <OpenAtLogin bridge={window.mlxMesh} />
          </div>
        )}
      </div>
    </>
  )
}
