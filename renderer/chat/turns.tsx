import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { useMacNames } from '../ui/use-mac-names.ts'
import { AnswerTurn } from './answer-turn.tsx'
import { useConversation } from './conversation.ts'
import { QuestionTurn } from './question-turn.tsx'
import { useStuckToEnd } from './use-stuck-to-end.ts'

export interface TurnsProps {
  readonly onEdit: (question: string) => void
  readonly onAgain: () => void
  /** What stands there before the first turn. */
  readonly children: ReactNode
}

export function Turns({ onEdit, onAgain, children }: TurnsProps) {
  const turns = useConversation(state => state.turns)
  const isAnswering = useConversation(state => state.isAnswering)
  const nameOf = useMacNames()
  const { scroller, isAtEnd, goToEnd } = useStuckToEnd(turns)
  const lastQuestion = turns.findLastIndex(({ role }) => role === 'user')
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={scroller}
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
        tabIndex={0}
        className="-mx-2 h-full overflow-y-auto px-2"
      >
        <div className="mx-auto grid w-full max-w-3xl grid-cols-[minmax(0,1fr)] gap-4">
          {turns.length === 0 && children}
          {turns.map((turn, i) =>
            turn.role === 'user' ? (
              <QuestionTurn
                key={turn.id}
                text={turn.text}
                onEdit={i === lastQuestion && !isAnswering ? onEdit : null}
              />
            ) : (
              <AnswerTurn
                key={turn.id}
                answer={turn}
                nameOf={nameOf}
                onAgain={i === turns.length - 1 && !isAnswering ? onAgain : null}
              />
            ),
          )}
        </div>
      </section>
      {!isAtEnd && (
        <div className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
          <Button className="pointer-events-auto rounded-full! shadow-lg" onClick={goToEnd}>
            To the end
          </Button>
        </div>
      )}
    </div>
  )
}
