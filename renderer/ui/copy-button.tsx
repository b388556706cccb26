import { CheckIcon } from '@phosphor-icons/react/dist/csr/Check'
import { CopyIcon } from '@phosphor-icons/react/dist/csr/Copy'
import { useEffect, useState } from 'react'
import { Button, type ButtonProps } from './button.tsx'
import { copyText } from './copy-text.ts'
import { IconButton } from './icon-button.tsx'

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

const words: Readonly<Record<Said, string>> = { nothing: '', copied: 'Copied', failed: 'Not copied' }
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
  const sign = <Sign aria-hidden="true" className="size-4 shrink-0" />
  const title = said === 'failed' ? 'The system did not let the page copy. Select the text instead.' : label
  return (
    <>
      {children === undefined ? (
        <IconButton label={label} title={title} className={className} onClick={copy}>
          {sign}
        </IconButton>
      ) : (
        <Button look={look} aria-label={label} title={title} className={className} onClick={copy}>
          {sign}
          <span className="grid">
            <span aria-hidden="true" className="invisible col-start-1 row-start-1">
              {children}
            </span>
            <span className="col-start-1 row-start-1">{said === 'nothing' ? children : words[said]}</span>
          </span>
        </Button>
      )}
      <span role="status" className="sr-only">
        {words[said]}
      </span>
    </>
  )
}
