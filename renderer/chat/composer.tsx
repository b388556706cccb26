import { ArrowUpIcon } from '@phosphor-icons/react/dist/csr/ArrowUp'
import { StopIcon } from '@phosphor-icons/react/dist/csr/Stop'
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect } from 'react'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'

export interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly text: string
  readonly onText: (text: string) => void
  readonly isAnswering: boolean
  /** The last message is being changed. */
  readonly isEditing: boolean
  readonly onCancelEdit: () => void
  readonly onSend: () => void
  readonly onStop: () => void
  /** There is a model to ask. */
  readonly canSend: boolean
}

export function Composer(props: ComposerProps) {
  const { field, text, onText, isAnswering, isEditing, onCancelEdit, onSend, onStop, canSend } = props
  const id = useId()
  useHeightOfText(field, text)
  const onKey = (event: KeyboardEvent) => {
    // Enter also ends the choice of a character in some languages.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (!isAnswering && canSend) onSend()
  }
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        onSend()
      }}
    >
      {isEditing && (
        <p className="flex items-center justify-between px-1 text-muted text-xs">
          You are changing your last message.
          <Button look="quiet" className="min-h-7" onClick={onCancelEdit}>
            Leave it
          </Button>
        </p>
      )}
      <div className="flex items-end gap-2 rounded-2xl border border-line bg-surface p-2 focus-within:border-accent">
        <label htmlFor={id} className="sr-only">
          Message
        </label>
        <textarea
          id={id}
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder="Ask something"
          aria-describedby={`${id}-keys`}
          onChange={event => onText(event.target.value)}
          onKeyDown={onKey}
          className="max-h-[35vh] min-h-8 min-w-0 flex-1 resize-none bg-transparent px-2 py-1.5 leading-5 outline-none placeholder:text-muted"
        />
        {isAnswering ? (
          <IconButton label="Stop" title="Stop (Escape)" className="border border-line" onClick={onStop}>
            <StopIcon aria-hidden="true" weight="fill" className="size-4" />
          </IconButton>
        ) : (
          <IconButton
            type="submit"
            label="Send"
            title="Send (Return)"
            className="bg-accent-fill! text-white! hover:brightness-110"
            disabled={!canSend || text.trim() === ''}
          >
            <ArrowUpIcon aria-hidden="true" weight="bold" className="size-4" />
          </IconButton>
        )}
      </div>
      <p id={`${id}-keys`} className="mt-1.5 px-1 text-center text-muted text-xs">
        <span className="hidden sm:inline">Return sends, Shift-Return starts a new line, Escape stops. </span>
        Nothing is stored: closing the page forgets it all.
      </p>
    </form>
  )
}

function useHeightOfText(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text, another height
  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [text, field])
}
