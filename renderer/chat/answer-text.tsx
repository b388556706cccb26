import { lazy, memo, Suspense, useMemo } from 'react'
import { blocksOf } from './blocks.ts'

const load = () => import('./markdown.tsx')
const Markdown = lazy(async () => ({ default: (await load()).Markdown }))

/** Before the first answer needs it. */
export function prepareMarkdown(): void {
  load().catch(() => {}) // the answer itself tries again, and says so
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
    <Suspense fallback={<p className="whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} />
    </Suspense>
  )
})
