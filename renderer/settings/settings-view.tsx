import { useState } from 'react'
import type { SettingsAnswer } from '../../main/protocol/settings.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { field } from '../ui/field.ts'
import { Problem } from '../ui/problem.tsx'
import { View } from '../ui/view.tsx'
import { RestartBar } from './restart-bar.tsx'
import { ThisApp } from './this-app.tsx'
import { TopicSection } from './topic-section.tsx'
import { isAbout, topicOf, topics } from './topics.ts'
import { type Settings, useSettings } from './use-settings.ts'

export function SettingsView() {
  const settings = useSettings()
  const [text, setText] = useState('')
  const { answer, error, look } = settings
  return (
    <View
      title="Settings"
      isColumn
      actions={
        <input
          type="search"
          aria-label="Search settings"
          placeholder="Search"
          value={text}
          onChange={({ target }) => setText(target.value)}
          className={`${field} w-56`}
        />
      }
    >
      {error !== null && (
        <div className="mb-4">
          <Problem error={error} action={<Button onClick={() => void look()}>Try again</Button>} />
        </div>
      )}
      {answer ? (
        <Found answer={answer} settings={settings} text={text.trim()} />
      ) : (
        error === null && <PlacesOfSettings />
      )}
      {text.trim() === '' && (answer !== null || error !== null) && (
        <div className="mt-8">
          <ThisApp />
        </div>
      )}
    </View>
  )
}

interface FoundProps {
  readonly answer: SettingsAnswer
  readonly settings: Settings
  readonly text: string
}

function Found({ answer, settings: { problems, change }, text }: FoundProps) {
  const found = answer.settings.filter(setting => text === '' || isAbout(setting, text))
  const port = answer.settings.find(({ key }) => key === 'controller.port')?.value
  const moves = answer.pending.includes('controller.port') && typeof port === 'number' && port > 0
  return (
    <>
      <RestartBar pending={answer.pending} newPort={moves ? port : null} />
      {answer.warnings.map(warning => (
        <p key={warning} role="status" className="mb-4 break-words rounded-lg bg-fair-soft px-3 py-2">
          {warning}
        </p>
      ))}
      {found.length === 0 && <Empty title="No setting is about that">Try another word.</Empty>}
      <div className="grid gap-8">
        {topics.map(topic => {
          const mine = found.filter(setting => topicOf(setting) === topic)
          if (mine.length === 0) return null
          return (
            <TopicSection
              key={topic.id}
              topic={topic}
              settings={mine}
              pending={answer.pending}
              searched={text !== ''}
              problems={problems}
              change={change}
            />
          )
        })}
      </div>
    </>
  )
}

function PlacesOfSettings() {
  return (
    <div role="status" aria-label="Loading the settings" className="grid animate-pulse gap-4">
      {['a', 'b', 'c'].map(key => (
        <div key={key} className="h-44 rounded-xl bg-line/60" />
      ))}
    </div>
  )
}
