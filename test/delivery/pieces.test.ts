// Answers that are more than text, whose Mac fails in the middle of a thought or of a call: nothing is said twice.
import { describe, expect, test } from 'vitest'
import { shareRuns } from '../../main/gateway/share-runs.ts'
import { decodeAnswer } from '../../main/protocol/answers.ts'
import { type Answered, chat, streamed } from '../gateway/support/ask.ts'
import { openDoor } from '../gateway/support/open-door.ts'
import { startMemoryMesh } from '../support/mesh-in-memory.ts'

const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }
const question = {
  model: 'scripted',
  temperature: 0,
  max_tokens: 40,
  messages: [{ role: 'user', content: 'The weather in Rome?' }],
}

/** In the script, three words are thought, and four are a call or JSON. */
const ways: readonly { readonly what: string; readonly more: object; readonly tokens: number }[] = [
  { what: 'thinks and calls a tool', more: { tools: [weather], enable_thinking: true }, tokens: 7 },
  { what: 'calls the tool that it must', more: { tools: [weather], tool_choice: 'required' }, tokens: 4 },
  {
    what: 'thinks and answers in JSON',
    more: { response_format: { type: 'json_object' }, reasoning_effort: 'high' },
    tokens: 7,
  },
  { what: 'thinks and speaks', more: { reasoning_effort: 'low', max_tokens: 9 }, tokens: 9 },
]

/** A mesh of two Macs; the one that answers loses its process when so many tokens of the answer are out; 0: none does. */
async function openMesh(dieAt: number) {
  const { infer, workers, gatewayBus } = await startMemoryMesh({
    workers: 2,
    script: { tokensPerSecond: 50 },
  })
  let tokens = 0
  let sends = 0
  gatewayBus.subscribe('response.>', ({ data }) => {
    const answer = decodeAnswer(data)
    const before = tokens
    if (answer.type === 'token' || answer.type === 'rendered') tokens += answer.ids.length
    if (before < dieAt && tokens >= dieAt)
      workers.find(({ serving }) => serving.activeRequests > 0)?.model.crash()
  })
  gatewayBus.subscribe('worker.*.inference', () => sends++)
  return { door: await openDoor({ infer: shareRuns(infer) }), sends: () => sends }
}

interface Message {
  readonly content: string | null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[]
}

/** What the events of a stream come to. */
function gathered(events: readonly unknown[]) {
  let content = ''
  let reasoning = ''
  const calls: { id: string; name: string; text: string }[] = []
  const ends: (string | null)[] = []
  for (const event of events) {
    for (const { delta, finish_reason } of (event as { choices?: Chunk[] }).choices ?? []) {
      content += delta.content ?? ''
      reasoning += delta.reasoning_content ?? ''
      for (const { index, id, function: said } of delta.tool_calls ?? []) {
        if (id) calls.push({ id, name: said.name ?? '', text: '' })
        const call = calls[index]
        if (call) call.text += said.arguments
      }
      if (finish_reason) ends.push(finish_reason)
    }
  }
  return { content, reasoning, calls, ends, usage: events.map(usageOf).find(Boolean) }
}

function usageOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'usage' in event ? event.usage : undefined
}

interface Chunk {
  readonly delta: {
    readonly content?: string
    readonly reasoning_content?: string
    readonly tool_calls?: readonly {
      readonly index: number
      readonly id?: string
      readonly function: { readonly name?: string; readonly arguments: string }
    }[]
  }
  readonly finish_reason: string | null
}

/** The same of a whole answer. */
function gatheredWhole({ json }: Answered) {
  const { choices, usage } = json as {
    choices: { message: Message; finish_reason: string }[]
    usage: unknown
  }
  const [first] = choices
  const calls = (first?.message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    text,
  }))
  return {
    content: first?.message.content ?? '',
    reasoning: first?.message.reasoning_content ?? '',
    calls,
    ends: [first?.finish_reason],
    usage,
  }
}

async function ask(more: object, dieAt: number) {
  const whole = await openMesh(dieAt)
  const streaming = await openMesh(dieAt)
  const asked = { ...question, ...more }
  const told = gatheredWhole(await chat(whole.door, asked))
  const withUsage = { ...asked, stream_options: { include_usage: true } }
  const heard = gathered(await streamed(streaming.door, '/v1/chat/completions', withUsage))
  return { told, heard, sends: [whole.sends(), streaming.sends()] as const }
}

describe.each(ways)('an answer that $what', ({ more, tokens }) => {
  test('is the same whole and in pieces, wherever its Mac fails', async () => {
    const undisturbed = await ask(more, 0)
    expect(undisturbed.heard).toEqual(undisturbed.told)
    expect(undisturbed.sends).toEqual([1, 1])
    let handovers = 0
    for (let dieAt = 1; dieAt < tokens; dieAt++) {
      const { told, heard, sends } = await ask(more, dieAt)
      expect({ dieAt, ...told }).toEqual({ dieAt, ...undisturbed.told })
      expect({ dieAt, ...heard }).toEqual({ dieAt, ...undisturbed.told })
      handovers += sends[0] + sends[1] - 2
    }
    // On a slow machine an answer may be over before its Mac fails.
    expect(handovers).toBeGreaterThan(tokens / 2)
  })
})

test('two clients that share an answer both hear it to its end, although its Mac fails', async () => {
  const { door, sends } = await openMesh(5)
  const asked = {
    ...question,
    tools: [weather],
    enable_thinking: true,
    stream_options: { include_usage: true },
  }
  const [one, two] = await Promise.all([
    streamed(door, '/v1/chat/completions', asked),
    streamed(door, '/v1/chat/completions', asked),
  ])
  const undisturbed = await openMesh(0)
  const wanted = gathered(await streamed(undisturbed.door, '/v1/chat/completions', asked))
  expect(gathered(one)).toEqual(wanted)
  expect(gathered(two)).toEqual(wanted)
  expect(wanted.calls).toMatchObject([{ name: 'weather' }])
  expect(sends()).toBe(2)
})
