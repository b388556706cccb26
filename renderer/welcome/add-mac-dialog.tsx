import { useEffect, useState } from 'react'
import type { NearbyMac } from '../../main/protocol/mesh-answer.ts'
import { callOffPairing, useMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { Progress } from '../ui/progress.tsx'
import { PairingPanel } from './pairing-panel.tsx'

/** How another Mac comes into this mesh; closing it calls off what is under way. */
export function AddMacDialog({ onClose }: { readonly onClose: () => void }) {
  const membership = useMembership()
  const { answer, error, order } = membership
  /** What stands there from an earlier time is not shown. */
  const [begun, setBegun] = useState(false)
  useEffect(() => {
    const opened = order('invite')
    void opened.then(setBegun)
    // What somebody else began here, and is in the way of an invitation, goes on.
    return () => void opened.then(taken => (taken ? callOffPairing() : undefined))
  }, [order])
  const pairing = answer?.pairing
  const isOver =
    begun && (pairing?.state === 'done' || pairing?.state === 'failed' || pairing?.state === 'idle')
  const again = () => void order('invite').then(setBegun)
  return (
    <Dialog
      title="Add a Mac"
      onClose={onClose}
      actions={
        <>
          {(isOver || error !== null) && (
            <Button onClick={again}>{pairing?.state === 'done' ? 'Add another Mac' : 'Try again'}</Button>
          )}
          <Button look={isOver ? 'primary' : 'plain'} onClick={onClose}>
            {isOver || error !== null ? 'Close' : 'Cancel'}
          </Button>
        </>
      }
    >
      <div className="grid min-h-56 content-start gap-4">
        {error !== null && <Problem error={error} />}
        {begun && pairing && pairing.state !== 'idle' && (
          <PairingPanel pairing={pairing} membership={membership} />
        )}
        {begun && pairing?.state === 'idle' && (
          <p role="status">It was called off elsewhere. Nobody was let in.</p>
        )}
        {!begun && error === null && <Progress label="Opening an invitation" value={null} />}
        {begun && pairing?.state === 'invited' && <Waiting macs={answer?.nearby ?? []} />}
      </div>
    </Dialog>
  )
}

/** Those that could come: in no mesh yet. */
function Waiting({ macs }: { readonly macs: readonly NearbyMac[] }) {
  const free = macs.filter(({ meshId }) => meshId === null)
  if (free.length === 0) return null
  return (
    <p className="text-muted">
      Nearby and in no mesh: <span className="text-text">{free.map(({ name }) => name).join(', ')}</span>
    </p>
  )
}
