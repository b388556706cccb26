// Heavy, and therefore loaded when a first answer comes. What is HTML in an answer stays text; images are not fetched.
import { Children, isValidElement, type ReactNode } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { CopyButton } from '../ui/copy-button.tsx'

const plugins = [remarkGfm]

export function Markdown({ text }: { readonly text: string }) {
  return (
    <ReactMarkdown remarkPlugins={plugins} components={components}>
      {text}
    </ReactMarkdown>
  )
}

const components: Components = {
  a: ({ href, children }) => <Link href={href ?? ''}>{children}</Link>,
  img: ({ alt, src }) => <Link href={typeof src === 'string' ? src : ''}>{alt || 'An image'}</Link>,
  ul: ({ children }) => <ul dir="auto">{children}</ul>,
  ol: ({ children, start }) => (
    <ol dir="auto" start={start}>
      {children}
    </ol>
  ),
  input: ({ checked }) => (
    <input type="checkbox" checked={checked} readOnly disabled aria-label={checked ? 'Done' : 'To do'} />
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
}

/** The app's window goes nowhere: there, a link can be copied. */
function Link({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  if (!/^(https?:|mailto:)/.test(href)) return <span>{children}</span>
  if (window.mlxMesh)
    return (
      <span>
        {children} <span className="break-all text-muted">({href})</span>
        <CopyButton text={href} label="Copy the address of this link" className="size-5 align-middle" />
      </span>
    )
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline">
      {children}
    </a>
  )
}

function CodeBlock({ children }: { readonly children: ReactNode }) {
  const language = languageOf(children)
  const code = textOf(children).replace(/\n$/, '')
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex min-h-8 items-center justify-between pl-3 text-muted text-xs">
        <span>{language}</span>
        <CopyButton text={code} label="Copy this code">
          Copy
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
      <pre tabIndex={0} className="overflow-x-auto px-3 pb-3">
        {children}
      </pre>
    </div>
  )
}

function languageOf(node: ReactNode): string {
  const [code] = Children.toArray(node)
  if (!isValidElement<{ className?: string }>(code)) return ''
  return /language-(\S+)/.exec(code.props.className ?? '')?.[1] ?? ''
}

function textOf(node: ReactNode): string {
  return Children.toArray(node)
    .map(each => {
      if (typeof each === 'string' || typeof each === 'number') return String(each)
      return isValidElement<{ children?: ReactNode }>(each) ? textOf(each.props.children) : ''
    })
    .join('')
}
