import { PencilSimpleIcon } from '@phosphor-icons/react/dist/csr/PencilSimple'
import { memo } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import { IconButton } from '../ui/icon-button.tsx'

export interface QuestionTurnProps {
  readonly text: string
  /** Null: it cannot be changed now. */
  readonly onEdit: ((text: string) => void) | null
}

export const QuestionTurn = memo(function QuestionTurn({ text, onEdit }: QuestionTurnProps) {
  return (
    <article aria-label="Your message" className="flex flex-col items-end">
      <p
        dir="auto"
        className="max-w-[85%] whitespace-pre-wrap break-words rounded-2xl bg-accent-soft px-3.5 py-2"
      >
        {text}
      </p>
      <div className="-mb-2 flex min-h-8 items-center">
        {onEdit && (
          <IconButton label="Change your message" title="Change it" onClick={() => onEdit(text)}>
            <PencilSimpleIcon aria-hidden="true" className="size-4" />
          </IconButton>
        )}
        <CopyButton text={text} label="Copy your message" />
      </div>
    </article>
  )
})
