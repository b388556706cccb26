import { useCallback, useEffect, useRef, useState } from 'react'
import { useSteadyMesh } from '../peer/steady.ts'
import { Button } from '../ui/button.tsx'
import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'
import { prepareMarkdown } from './answer-text.tsx'
import { chatModels } from './chat-models.ts'
import { ChatOptions } from './chat-options.tsx'
import { Composer } from './composer.tsx'
import {
  askAgain,
  changeChat,
  send,
  sendInstead,
  startOver,
  stop,
  type Turn,
  useConversation,
} from './conversation.ts'
import { ModelChoice } from './model-choice.tsx'
import { Turns } from './turns.tsx'

export function ChatView() {
  const models = useSteadyMesh(({ workers }) => chatModels(workers))
  const chosen = useConversation(({ modelId }) => modelId)
  const modelId = models.find(model => model.modelId === chosen)?.modelId ?? models[0]?.modelId ?? null
  const [showsOptions, setShowsOptions] = useState(false)
  const isBegun = useConversation(({ turns }) => turns.length > 0)
  useEffect(prepareMarkdown, [])
  return (
    <View
      title="Chat"
      fill
      actions={
        <>
          {modelId !== null && (
            <ModelChoice models={models} value={modelId} onChange={value => changeChat({ modelId: value })} />
          )}
          <Button aria-expanded={showsOptions} onClick={() => setShowsOptions(!showsOptions)}>
            Options
          </Button>
          <Button disabled={!isBegun} onClick={startOver}>
            New chat
          </Button>
        </>
      }
    >
      {showsOptions && <ChatOptions />}
      <Conversation modelId={modelId} />
    </View>
  )
}

function Conversation({ modelId }: { readonly modelId: string | null }) {
  const isAnswering = useConversation(state => state.isAnswering)
  const [text, setText] = useState('')
  const [isEditing, setEditing] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  useStopOnEscape(isAnswering)
  const leaveEdit = () => {
    setEditing(false)
    setText('')
  }
  const submit = () => {
    if (modelId === null || isAnswering) return
    if (isEditing) sendInstead(text, modelId)
    else send(text, modelId)
    leaveEdit()
  }
  const edit = useCallback((question: string) => {
    setEditing(true)
    setText(question)
    field.current?.focus()
  }, [])
  const again = useCallback(() => {
    if (modelId !== null) askAgain(modelId)
  }, [modelId])
  return (
    <>
      <Turns onEdit={edit} onAgain={again}>
        <Beginning
          hasModel={modelId !== null}
          onAsk={question => modelId !== null && send(question, modelId)}
        />
      </Turns>
      <p role="status" className="sr-only">
        {isAnswering ? 'The answer is being written.' : lastWord(useConversation.getState().turns)}
      </p>
      <div className="mx-auto w-full max-w-3xl pt-3">
        <Composer
          {...{ field, text, isAnswering, isEditing }}
          onText={setText}
          onCancelEdit={leaveEdit}
          onSend={submit}
          onStop={stop}
          canSend={modelId !== null}
        />
      </div>
    </>
  )
}

const examples = [
  'What can a mesh of Macs do that one alone cannot?',
  'Write a haiku about quiet fans.',
  'Explain recursion to a ten-year-old, with a small Python example.',
]

function Beginning({
  hasModel,
  onAsk,
}: {
  readonly hasModel: boolean
  readonly onAsk: (question: string) => void
}) {
  if (!hasModel) {
    const link = (
      <a href="#/models" className="text-accent hover:underline">
        Add a model
      </a>
    )
    return (
      <Empty title="There is no model to talk to." action={link}>
        Download one, and come back.
      </Empty>
    )
  }
  return (
    <Empty title="Ask something, and see which Mac answers.">
      <ul className="mt-3 grid gap-2">
        {examples.map(example => (
          <li key={example}>
            <Button
              className="w-full whitespace-normal py-2 text-left text-text"
              onClick={() => onAsk(example)}
            >
              {example}
            </Button>
          </li>
        ))}
      </ul>
    </Empty>
  )
}

function lastWord(turns: readonly Turn[]): string {
  const last = turns.at(-1)
  return last?.role === 'assistant' && last.state === 'whole' ? 'The answer is complete.' : ''
}

function useStopOnEscape(isAnswering: boolean): void {
  useEffect(() => {
    if (!isAnswering) return
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') stop()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isAnswering])
}
