import type { Score } from '../../main/protocol/choices.ts'
import { groupPoints, leastPoints, pointGroups, type Scale } from './points.ts'

/** What speaks for a Mac goes to the right of the line, what speaks against it to the left. */
export function PointBar({ score, scale }: { readonly score: Score; readonly scale: Scale }) {
  const groups = pointGroups.map(group => ({ group, points: groupPoints(score, group) }))
  const forIt = groups.filter(({ points }) => points >= leastPoints)
  const against = groups.filter(({ points }) => points <= -leastPoints)
  const width = (points: number) => ({ width: `${Math.abs(points) * scale.percentPerPoint}%` })
  const sum = against.reduce((all, { points }) => all + points, 0)
  return (
    <div aria-hidden="true" className="relative h-5">
      <span
        className="absolute inset-y-0.5 flex justify-end overflow-hidden rounded-l"
        style={{ ...width(sum), right: `${100 - scale.zeroPercent}%` }}
      >
        {against.map(({ group, points }) => (
          <Piece key={group.id} colour={group.colour} share={points / sum} />
        ))}
      </span>
      <span
        className="absolute inset-y-0.5 right-0 flex overflow-hidden rounded-r"
        style={{ left: `${scale.zeroPercent}%` }}
      >
        {forIt.map(({ group, points }) => (
          <span
            key={group.id}
            className="h-full border-surface border-r last:rounded-r"
            style={{
              background: group.colour,
              width: `${(100 * points * scale.percentPerPoint) / (100 - scale.zeroPercent)}%`,
            }}
          />
        ))}
      </span>
      <span className="absolute inset-y-0 w-px bg-muted" style={{ left: `${scale.zeroPercent}%` }} />
    </div>
  )
}

function Piece({ colour, share }: { readonly colour: string; readonly share: number }) {
  return <span className="h-full" style={{ background: colour, width: `${share * 100}%` }} />
}
