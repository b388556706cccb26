import { CheckIcon } from '@phosphor-icons/react/dist/csr/Check'
import { CopyIcon } from '@phosphor-icons/react/dist/csr/Copy'
import { useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import { copyText } from './copy-text.ts'

export interface CopyButtonProps {
  /** Or how to find it when it is wanted. */
  readonly text: string | (() => string)
  /** What it copies, for those who do not see where it stands: "Copy the address". */
  readonly label: string
  /** The word on the button; without one it is the sign alone. */
  readonly children?: string
  readonly look?: ButtonProps['look']
  readonly className?: string
}

type Said = 'nothing' | 'copied' | 'failed'

const saidMs = 2000

/** Copies, and says for a moment that it has; it keeps its width. */
export function CopyButton({ text, label, children, look = 'quiet', className = '' }: CopyButtonProps) {
  const [said, setSaid] = useState<Said>('nothing')
  useEffect(() => {
    if (said === 'nothing') return
    const timer = window.setTimeout(() => setSaid('nothing'), saidMs)
    return () => window.clearTimeout(timer)
  }, [said])
  const copy = () => {
    copyText(typeof text === 'string' ? text : text()).then(
      () => setSaid('copied'),
      () => setSaid('failed'),
    )
  }
  const Sign = said === 'copied' ? CheckIcon : CopyIcon
  const word = said === 'failed' ? 'Not copied' : said === 'copied' ? 'Copied' : children
  return (
    <Button
      look={look}
      aria-label={label}
      title={said === 'failed' ? 'The system did not let the page copy. Select the text instead.' : label}
      className={className}
      onClick={copy}
    >
      <Sign aria-hidden="true" className="size-4 shrink-0" />
      {children !== undefined && (
        <span className="grid">
          <span aria-hidden="true" className="invisible col-start-1 row-start-1">
            {children}
          </span>
          <span className="col-start-1 row-start-1">{word}</span>
        </span>
      )}
      <span role="status" className="sr-only">
        {said === 'nothing' ? '' : said === 'copied' ? 'Copied' : 'Not copied'}
      </span>
    </Button>
  )
}
