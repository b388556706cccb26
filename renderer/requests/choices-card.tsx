import { asideWords, type RecordedChoice, type Score } from '../../main/protocol/choices.ts'
import { Card } from '../ui/card.tsx'
import { timeOfDay } from '../ui/format.ts'
import { Status } from '../ui/status.tsx'
import type { NameOf } from '../ui/use-mac-names.ts'
import { PointBar } from './point-bar.tsx'
import { PointTable } from './point-table.tsx'
import { groupPoints, leastPoints, pointGroups, sayPoints, scaleOf, strategyWords } from './points.ts'

export interface ChoicesCardProps {
  /** Null: it was not kept. */
  readonly choices: readonly RecordedChoice[] | null
  readonly nameOf: NameOf
}

export function ChoicesCard({ choices, nameOf }: ChoicesCardProps) {
  return (
    <Card title="Why this Mac?">
      {choices === null && (
        <p className="text-muted">
          It was not kept why a Mac was chosen: another release of MLX Mesh answered it.
        </p>
      )}
      {choices?.length === 0 && <p className="text-muted">No Mac took it.</p>}
      {choices?.map((choice, i) => (
        <Choice key={`${choice.atMs} ${choice.workerId}`} choice={choice} nameOf={nameOf} isFirst={i === 0} />
      ))}
    </Card>
  )
}

interface ChoiceProps {
  readonly choice: RecordedChoice
  readonly nameOf: NameOf
  readonly isFirst: boolean
}

function Choice({ choice, nameOf, isFirst }: ChoiceProps) {
  const { workerId, from, atMs, strategy, scores } = choice
  const mac = nameOf(workerId)
  const head =
    from !== null && from !== workerId
      ? `${nameOf(from)} handed over to ${mac}`
      : isFirst
        ? mac
        : `${mac}, next`
  const scale = scaleOf(scores)
  return (
    <section className="mb-5 last:mb-0" aria-label={head}>
      <p className="mb-2">
        <strong className="font-semibold">{head}</strong>:{' '}
        {scores.length === 1 && strategy !== 'shared'
          ? 'it was the only one with the model'
          : strategyWords[strategy]}
        .<span className="figures ml-2 text-muted text-xs">{timeOfDay(atMs)}</span>
      </p>
      {scores.length > 0 && (
        <>
          <ul>
            {scores.map(score => (
              <Candidate
                key={score.workerId}
                score={score}
                name={nameOf(score.workerId)}
                isChosen={score.workerId === workerId}
                bar={<PointBar score={score} scale={scale} />}
              />
            ))}
          </ul>
          <Legend scores={scores} />
          <PointTable scores={scores} nameOf={nameOf} />
        </>
      )}
    </section>
  )
}

interface CandidateProps {
  readonly score: Score
  readonly name: string
  readonly isChosen: boolean
  readonly bar: React.ReactNode
}

function Candidate({ score, name, isChosen, bar }: CandidateProps) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-line border-t py-2 first:border-t-0 sm:grid-cols-[10rem_minmax(0,1fr)_3.5rem]">
      <span className={`truncate ${isChosen ? 'font-semibold' : ''}`}>
        {name}
        {isChosen && <span className="ml-1.5 font-normal text-good text-xs">chosen</span>}
      </span>
      <div
        className={`col-span-2 row-start-2 sm:col-span-1 sm:row-start-auto ${score.setAside === null ? '' : 'opacity-45'}`}
      >
        {bar}
      </div>
      <span className="figures text-right">
        {sayPoints(score.total)}
        <span className="sr-only"> points</span>
      </span>
      {score.setAside !== null && (
        <span className="col-span-full mt-0.5 text-xs">
          <Status tone="fair">Set aside: {asideWords[score.setAside]}</Status>
        </span>
      )}
    </li>
  )
}

/** Only of what can be seen. */
function Legend({ scores }: { readonly scores: readonly Score[] }) {
  const shown = pointGroups.filter(group =>
    scores.some(score => Math.abs(groupPoints(score, group)) >= leastPoints),
  )
  return (
    <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
      {shown.map(({ id, name, colour }) => (
        <li key={id} className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2.5 rounded-sm" style={{ background: colour }} />
          {name}
        </li>
      ))}
    </ul>
  )
}
