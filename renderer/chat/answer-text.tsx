import { lazy, memo, Suspense, useMemo } from 'react'
import { blocksOf } from './blocks.ts'

const load = () => import('./markdown.tsx')
// A Mac that does not answer any more cannot give it out either: the words of an answer are worth more than their form.
const Markdown = lazy(() =>
  load().then(
    ({ Markdown }) => ({ default: Markdown }),
    () => ({ default: PlainText }),
  ),
)

/** Before the first answer needs it. */
export function prepareMarkdown(): void {
  load().catch(() => {}) // the first answer tries again
}

/** A finished block is not parsed again while the rest grows. */
export const AnswerText = memo(function AnswerText({ text }: { readonly text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text])
  return (
    <div className="answer min-w-0 break-words">
      {blocks.map((block, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only grow at the end
        <Block key={i} text={block} />
      ))}
    </div>
  )
})

const Block = memo(function Block({ text }: { readonly text: string }) {
  return (
    <Suspense fallback={<PlainText text={text} />}>
      <Markdown text={text} />
    </Suspense>
  )
})

function PlainText({ text }: { readonly text: string }) {
  return (
    <p dir="auto" className="whitespace-pre-wrap">
      {text}
    </p>
  )
}
