import type { MeshAnswer, NearbyMac } from '../../main/protocol/mesh-answer.ts'
import type { MeshMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'

export interface NearbyMeshesProps {
  readonly answer: MeshAnswer
  readonly membership: MeshMembership
}

/** Meshes that this Mac hears of; who has an invitation open can be joined with two looks and a click. */
export function NearbyMeshes({ answer: { nearby, problem }, membership }: NearbyMeshesProps) {
  const macs = nearby.filter(({ meshId }) => meshId !== null)
  return (
    <Card title="Join a mesh nearby" className="min-h-36">
      {macs.length === 0 ? (
        <p role="status" className="text-muted">
          {problem ?? 'No mesh nearby yet. This Mac keeps looking.'}
        </p>
      ) : (
        <ul className="-my-1 divide-y divide-line">
          {oneForEachMesh(macs).map(mac => (
            <Nearby key={mac.workerId} mac={mac} membership={membership} />
          ))}
        </ul>
      )}
    </Card>
  )
}

interface NearbyProps {
  readonly mac: NearbyMac
  readonly membership: MeshMembership
}

function Nearby({ mac: { workerId, name, meshName, pairing }, membership: { busy, order } }: NearbyProps) {
  return (
    <li className="flex min-h-14 flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{meshName}</p>
        <p className="text-muted">
          {pairing ? `${name} lets a Mac in right now` : `On ${name}, choose “Add a Mac…” to let this one in`}
        </p>
      </div>
      {pairing && (
        <Button
          look="primary"
          aria-label={`Join ${meshName}`}
          disabled={busy}
          onClick={() => void order('join', { nearby: workerId })}
        >
          Join
        </Button>
      )}
    </li>
  )
}

/** Of several Macs of a mesh, those that let somebody in, or else the first one. */
function oneForEachMesh(macs: readonly NearbyMac[]): NearbyMac[] {
  const open = macs.filter(({ pairing }) => pairing !== null)
  const named = new Set(open.map(({ meshId }) => meshId))
  const closed = macs.filter(({ meshId }) => {
    if (named.has(meshId)) return false
    named.add(meshId)
    return true
  })
  return [...open, ...closed]
}
