import { useId } from 'react'
import type { Setting } from '../../main/protocol/settings.ts'
import { SettingRow } from './setting-row.tsx'
import { ShareGpu } from './share-gpu.tsx'
import { isFine, type Topic } from './topics.ts'
import type { Settings } from './use-settings.ts'

export interface TopicSectionProps {
  readonly topic: Topic
  readonly settings: readonly Setting[]
  readonly pending: readonly string[]
  /** Somebody looks for something: what was found is not folded away. */
  readonly searched: boolean
  readonly problems: Settings['problems']
  readonly change: Settings['change']
}

export function TopicSection({ topic, settings, pending, searched, problems, change }: TopicSectionProps) {
  const id = useId()
  const plain = settings.filter(setting => searched || !isFine(setting))
  const fine = settings.filter(setting => !plain.includes(setting))
  const list = (shown: readonly Setting[]) => (
    <ul className="divide-y divide-line">
      {shown.map(setting => (
        <SettingRow
          key={setting.key}
          setting={setting}
          isPending={pending.includes(setting.key)}
          problem={problems.get(setting.key) ?? null}
          change={change}
        />
      ))}
    </ul>
  )
  return (
    <section aria-labelledby={id} className="scroll-mt-4" id={`topic-${topic.id}`}>
      <h2 id={id} className="font-semibold text-lg">
        {topic.name}
      </h2>
      <p className="mb-2 text-muted">{topic.about}</p>
      {topic.id === 'sharing' && !searched && (
        <div className="mb-3">
          <ShareGpu />
        </div>
      )}
      <div className="@container rounded-xl border border-line bg-surface px-4 py-1">
        {plain.length > 0 && list(plain)}
        {fine.length > 0 && (
          <details className={plain.length > 0 ? 'border-line border-t py-3' : 'py-3'}>
            <summary className="rounded text-accent">More, seldom changed ({fine.length})</summary>
            {list(fine)}
          </details>
        )}
      </div>
    </section>
  )
}
