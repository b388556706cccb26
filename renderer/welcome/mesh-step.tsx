import type { MeshAnswer, Pairing } from '../../main/protocol/mesh-answer.ts'
import { isUnderWay, type MeshMembership, useMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { counted } from '../ui/format.ts'
import { Problem } from '../ui/problem.tsx'
import { JoinWithCode } from './join-with-code.tsx'
import { NearbyMeshes } from './nearby-meshes.tsx'
import { PairingPanel } from './pairing-panel.tsx'
import { StepHeading } from './step-heading.tsx'

/** A mesh of one's own, one that is nearby, or this Mac alone for now. */
export function MeshStep() {
  const membership = useMembership()
  const { answer, error } = membership
  return (
    <>
      <StepHeading title="Welcome to MLX Mesh">
        Your Macs answer together: each app asks the Mac in front of it, and the best one of them does the
        work. Everything stays on your network.
      </StepHeading>
      {error !== null && (
        <div className="mb-4">
          <Problem error={error} />
        </div>
      )}
      {answer ? <Choices answer={answer} membership={membership} /> : <div className="h-64" />}
    </>
  )
}

interface ChoicesProps {
  readonly answer: MeshAnswer
  readonly membership: MeshMembership
}

function Choices({ answer, membership }: ChoicesProps) {
  const { pairing, mesh, members } = answer
  if (pairing.state !== 'idle') return <UnderWay pairing={pairing} membership={membership} />
  if (mesh) {
    return (
      <Card title={`This Mac is in the mesh “${mesh.name}”`}>
        <p className="text-muted">
          {members.length > 1
            ? `${counted(members.length, 'Mac')} belong to it.`
            : 'It is the only one so far.'}
        </p>
        <Invite membership={membership} word="Invite another Mac" />
      </Card>
    )
  }
  return (
    <div className="grid gap-4">
      <NearbyMeshes answer={answer} membership={membership} />
      <Card title="Start with this Mac">
        <p className="text-muted">
          Do you have another Mac at hand? Install MLX Mesh there and let it in. Otherwise continue with this
          Mac alone, and add others whenever you like.
        </p>
        <Invite membership={membership} word="Invite another Mac" />
      </Card>
      <JoinWithCode membership={membership} />
    </div>
  )
}

interface InviteProps {
  readonly membership: MeshMembership
  readonly word: string
}

function Invite({ membership: { busy, order }, word }: InviteProps) {
  return (
    <Button className="mt-3" disabled={busy} onClick={() => void order('invite')}>
      {word}
    </Button>
  )
}

interface UnderWayProps {
  readonly pairing: Exclude<Pairing, { state: 'idle' }>
  readonly membership: MeshMembership
}

function UnderWay({ pairing, membership }: UnderWayProps) {
  const underWay = isUnderWay(pairing)
  const title = underWay ? 'Pairing two Macs' : pairing.state === 'done' ? 'Paired' : 'Not paired'
  return (
    <>
      <Card title={title}>
        <PairingPanel pairing={pairing} membership={membership} />
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          <Button disabled={membership.busy} onClick={() => void membership.order('pairing/cancel')}>
            {underWay ? 'Cancel' : pairing.state === 'done' ? 'Add another Mac' : 'Choose again'}
          </Button>
        </div>
      </Card>
      {pairing.state === 'failed' && (
        <div className="mt-4">
          <JoinWithCode membership={membership} />
        </div>
      )}
    </>
  )
}
