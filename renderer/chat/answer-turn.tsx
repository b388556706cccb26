import { ArrowsClockwiseIcon } from '@phosphor-icons/react/dist/csr/ArrowsClockwise'
import { memo } from 'react'
import { useSteadyMesh } from '../peer/steady.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { modelLine } from '../ui/model-name.ts'
import { Problem } from '../ui/problem.tsx'
import type { NameOf } from '../ui/use-mac-names.ts'
import { AnswerLine } from './answer-line.tsx'
import { AnswerText } from './answer-text.tsx'
import { chatModels } from './chat-models.ts'
import type { Answer } from './conversation.ts'

export interface AnswerTurnProps {
  readonly answer: Answer
  readonly nameOf: NameOf
  /** Null: it is not the last one, or another one is being written. */
  readonly onAgain: (() => void) | null
}

export const AnswerTurn = memo(function AnswerTurn({ answer, nameOf, onAgain }: AnswerTurnProps) {
  const { text, thought, state, error, isCut } = answer
  const isOver = state !== 'waiting' && state !== 'writing'
  const retry = onAgain && <Button onClick={onAgain}>Try again</Button>
  return (
    <article aria-label="Answer" className="min-w-0">
      {thought !== '' && <Thought text={thought} isOver={isOver || text !== ''} />}
      {text !== '' && <AnswerText text={text} />}
      {state === 'waiting' && <Waiting answer={answer} nameOf={nameOf} />}
      {state === 'failed' && (
        <div className={text === '' ? '' : 'mt-3'}>
          <Problem error={error} action={retry} />
        </div>
      )}
      {state === 'stopped' && <p className="mt-2 text-muted text-xs">Stopped.</p>}
      {isCut && <p className="mt-2 text-muted text-xs">The answer ends here: there was no room for more.</p>}
      <div className="mt-1.5 flex min-h-8 flex-wrap items-center gap-x-1">
        <AnswerLine answer={answer} nameOf={nameOf} />
        {isOver && text !== '' && <CopyButton text={text} label="Copy the answer" />}
        {isOver && state !== 'failed' && onAgain && (
          <IconButton label="Answer again" title="Answer again" onClick={onAgain}>
            <ArrowsClockwiseIcon aria-hidden="true" className="size-4" />
          </IconButton>
        )}
      </div>
    </article>
  )
})

/** Closed unless somebody wants to read it. */
function Thought({ text, isOver }: { readonly text: string; readonly isOver: boolean }) {
  return (
    <details className="mb-3 text-muted text-sm">
      <summary className="w-fit">{isOver ? 'What it thought first' : 'Thinking'}</summary>
      <p className="mt-2 whitespace-pre-wrap break-words border-line border-l-2 pl-3">{text.trim()}</p>
    </details>
  )
}

/** Before the first word: what it waits for. */
function Waiting({ answer, nameOf }: { readonly answer: Answer; readonly nameOf: NameOf }) {
  const { modelId, phase, workerId } = answer
  const model = useSteadyMesh(
    ({ workers }) => chatModels(workers).find(each => each.modelId === modelId) ?? null,
  )
  return (
    <p className="flex items-center gap-2 text-muted">
      <span aria-hidden="true" className="size-2 animate-pulse rounded-full bg-accent-fill" />
      {sayWaiting()}
    </p>
  )

  function sayWaiting(): string {
    if (model?.loadingOn) return `${modelLine(modelId)} is being loaded on ${model.loadingOn}.`
    if (phase === 'prefill') return workerId === null ? 'Reading.' : `${nameOf(workerId)} is reading.`
    return model?.isReady === false ? `${modelLine(modelId)} is loaded first.` : 'Waiting for a Mac.'
  }
}
