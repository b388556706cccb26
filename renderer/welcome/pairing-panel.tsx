import type { Pairing } from '../../main/protocol/mesh-answer.ts'
import type { MeshMembership } from '../peer/mesh-membership.ts'
import { Progress } from '../ui/progress.tsx'
import { Status } from '../ui/status.tsx'
import { Invitation } from './invitation.tsx'
import { wordsFor } from './pairing-words.ts'
import { SixDigits } from './six-digits.tsx'

export interface PairingPanelProps {
  readonly pairing: Exclude<Pairing, { state: 'idle' }>
  readonly membership: MeshMembership
}

/** How a pairing goes on, on either of the two Macs, from its beginning to its last word. */
export function PairingPanel({ pairing, membership }: PairingPanelProps) {
  switch (pairing.state) {
    case 'invited':
      return <Invitation invitation={pairing} meshName={membership.answer?.mesh?.name ?? 'this Mac'} />
    case 'joining':
      return (
        <div role="status" className="grid gap-3 py-4">
          <p>Knocking at the other Mac.</p>
          <Progress label="Joining" value={null} />
        </div>
      )
    case 'comparing':
      return <SixDigits pairing={pairing} membership={membership} />
    case 'done':
      return (
        <div role="status" className="grid justify-items-center gap-2 py-4 text-center">
          <Status tone="good">Paired</Status>
          <p className="font-semibold text-lg">
            {pairing.role === 'inviter'
              ? `${pairing.withName} is in the mesh now`
              : `This Mac is in the mesh “${pairing.meshName}” now`}
          </p>
          <p className="text-muted">
            {pairing.role === 'inviter'
              ? 'It shows up among the Macs in a few seconds.'
              : `It works together with ${pairing.withName} from now on.`}
          </p>
        </div>
      )
    case 'failed':
      return (
        <div role="alert" className="grid gap-1 rounded-xl bg-bad-soft px-4 py-3">
          <p className="font-medium">Nobody was paired</p>
          <p>{wordsFor(pairing)}</p>
        </div>
      )
  }
}
