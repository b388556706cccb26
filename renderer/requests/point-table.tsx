import type { Score } from '../../main/protocol/choices.ts'
import { unknown } from '../ui/format.ts'
import type { NameOf } from '../ui/use-mac-names.ts'
import { leastPoints, type Part, partNames, pointGroups, sayPoints } from './points.ts'

/** Every part of every Mac's points, for those who want to know. */
export function PointTable({
  scores,
  nameOf,
}: {
  readonly scores: readonly Score[]
  readonly nameOf: NameOf
}) {
  const parts = pointGroups
    .flatMap((group): readonly Part[] => group.parts)
    .filter(part => scores.some(score => Math.abs(score[part]) >= leastPoints))
  return (
    <details className="mt-2">
      <summary className="w-fit text-accent">All points</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
      <section aria-label="All points" tabIndex={0} className="mt-2 overflow-x-auto">
        <table className="figures w-full text-right text-xs">
          <thead>
            <tr className="text-muted">
              <th scope="col" className="py-1 pr-4 text-left font-normal">
                Points for
              </th>
              {scores.map(({ workerId }) => (
                <th key={workerId} scope="col" className="max-w-32 truncate px-2 py-1 font-normal">
                  {nameOf(workerId)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {parts.map(part => (
              <Row key={part} name={partNames[part]} values={scores.map(score => score[part])} />
            ))}
            <Row name="Together" values={scores.map(({ total }) => total)} />
          </tbody>
        </table>
      </section>
    </details>
  )
}

function Row({ name, values }: { readonly name: string; readonly values: readonly number[] }) {
  return (
    <tr className="border-line border-t last:font-semibold">
      <th scope="row" className="whitespace-nowrap py-1 pr-4 text-left font-[inherit]">
        {name}
      </th>
      {values.map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column is a Mac, and they do not change
        <td key={i} className="px-2 py-1">
          {Math.abs(value) >= leastPoints ? sayPoints(value) : unknown}
        </td>
      ))}
    </tr>
  )
}
