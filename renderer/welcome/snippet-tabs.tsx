import { Tabs } from 'radix-ui'
import { CopyButton } from '../ui/copy-button.tsx'
import { CopyRow } from './copy-row.tsx'
import { snippetsFor } from './snippets.ts'

export interface SnippetTabsProps {
  readonly baseUrl: string
  readonly modelId: string
  readonly contextTokens: number
}

export function SnippetTabs({ baseUrl, modelId, contextTokens }: SnippetTabsProps) {
  const snippets = snippetsFor(baseUrl, modelId, contextTokens)
  return (
    <Tabs.Root defaultValue="curl">
      <Tabs.List aria-label="Programs and apps" className="flex flex-wrap gap-1">
        {snippets.map(({ id, name }) => (
          <Tabs.Trigger
            key={id}
            value={id}
            className="min-h-8 rounded-lg px-2.5 py-1 text-muted hover:bg-accent-soft hover:text-text data-[state=active]:bg-accent-soft data-[state=active]:font-medium data-[state=active]:text-accent"
          >
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      {snippets.map(({ id, name, hint, code }) => (
        <Tabs.Content key={id} value={id} className="mt-3 min-h-64">
          <p className="mb-2 text-muted">{hint}</p>
          {code === null ? (
            <dl className="divide-y divide-line rounded-xl border border-line px-3">
              <CopyRow name="Base URL" value={baseUrl} />
              <CopyRow name="API key" value="none" />
              <CopyRow name="Model" value={modelId} />
            </dl>
          ) : (
            <div className="relative">
              <pre className="whitespace-pre-wrap break-words rounded-xl border border-line bg-raised p-3 pr-12 font-mono text-xs leading-5">
                {code}
              </pre>
              <CopyButton
                text={code}
                label={`Copy the example for ${name}`}
                className="absolute top-1.5 right-1.5 bg-raised"
              />
            </div>
          )}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  )
}
