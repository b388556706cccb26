// The conversation of this page. It lives in memory only: a reload forgets it.
import { create } from 'zustand'
import type { LiveRequest } from '../../main/protocol/dashboard.ts'
import { useMeshState } from '../peer/mesh-store.ts'
import { keepEqual } from '../peer/steady.ts'
import { atNextFrame } from '../ui/next-frame.ts'
import { type AnswerNews, type ChatMessage, streamAnswer } from './stream-answer.ts'

interface Question {
  readonly role: 'user'
  readonly id: string
  readonly text: string
}

export interface Answer {
  readonly role: 'assistant'
  /** Of its request, too. */
  readonly id: string
  readonly text: string
  /** What the model said to itself before it answered. */
  readonly thought: string
  readonly modelId: string
  readonly state: 'waiting' | 'writing' | 'whole' | 'stopped' | 'failed'
  readonly error: unknown
  /** The Mac that has it now. */
  readonly workerId: string | null
  /** How often another Mac took over. */
  readonly handovers: number
  readonly phase: LiveRequest['phase']
  readonly tokens: number | null
  /** Times of this page, in milliseconds. */
  readonly askedAtMs: number
  readonly firstAtMs: number | null
  readonly endedAtMs: number | null
  /** There was no room for more. */
  readonly isCut: boolean
}

export type Turn = Question | Answer

interface Conversation {
  readonly turns: readonly Turn[]
  readonly system: string
  /** Null: as the model wants it. */
  readonly temperature: number | null
  /** Null: none was chosen. */
  readonly modelId: string | null
  readonly isAnswering: boolean
}

const empty = { turns: [], isAnswering: false }

export const useConversation = create<Conversation>(() => ({
  ...empty,
  system: '',
  temperature: null,
  modelId: null,
}))

let sessionId = newId('chat')
let underWay: AbortController | null = null

export function changeChat(change: Partial<Pick<Conversation, 'system' | 'temperature' | 'modelId'>>): void {
  useConversation.setState(change)
}

export function send(text: string, modelId: string): void {
  const { turns, isAnswering } = useConversation.getState()
  if (isAnswering || text.trim() === '') return
  void answer([...turns, { role: 'user', id: newId('q'), text: text.trim() }], modelId)
}

/** The last question once more. */
export function askAgain(modelId: string): void {
  const { turns, isAnswering } = useConversation.getState()
  if (!isAnswering) void answer(turns.slice(0, lastQuestion(turns) + 1), modelId)
}

/** Another last question in place of the one that was. */
export function sendInstead(text: string, modelId: string): void {
  const { turns, isAnswering } = useConversation.getState()
  if (isAnswering) return
  useConversation.setState({ turns: turns.slice(0, Math.max(0, lastQuestion(turns))) })
  send(text, modelId)
}

export function stop(): void {
  underWay?.abort()
}

export function startOver(): void {
  stop()
  underWay = null
  sessionId = newId('chat')
  useConversation.setState(empty)
}

async function answer(turns: readonly Turn[], modelId: string): Promise<void> {
  const mine = new AbortController()
  underWay = mine
  const id = newId('req')
  const begun = newAnswer(id, modelId)
  useConversation.setState({ turns: [...turns, begun], isAnswering: true })
  const writing = openWriting(id)
  const endFollowing = followLive(id)
  const { system, temperature } = useConversation.getState()
  try {
    const messages = messagesOf(system, turns)
    const question = { requestId: id, sessionId, modelId, messages, temperature }
    for await (const news of streamAnswer(question, mine.signal)) writing.take(news)
    writing.end({ state: 'whole' })
  } catch (error) {
    writing.end(mine.signal.aborted ? { state: 'stopped' } : { state: 'failed', error })
  } finally {
    endFollowing()
    if (underWay === mine) {
      underWay = null
      useConversation.setState({ isAnswering: false })
    }
  }
}

/** Text is shown once a frame, however many pieces come. */
function openWriting(id: string) {
  let waiting = { text: '', thought: '' }
  let cancelFrame = () => {}
  const flush = () => {
    cancelFrame()
    cancelFrame = () => {}
    const { text, thought } = waiting
    waiting = { text: '', thought: '' }
    if (text !== '' || thought !== '')
      change(id, was => ({ text: was.text + text, thought: was.thought + thought }))
  }
  return {
    take(news: AnswerNews): void {
      if (news.type === 'begun') change(id, was => (was.handovers > 0 ? {} : { workerId: news.workerId }))
      if (news.type === 'usage') change(id, () => ({ tokens: news.tokens }))
      if (news.type === 'finished') change(id, () => ({ isCut: news.reason === 'length' }))
      if (news.type !== 'text' && news.type !== 'thought') return
      change(id, was => (was.firstAtMs === null ? { firstAtMs: performance.now(), state: 'writing' } : {}))
      if (waiting.text === '' && waiting.thought === '') cancelFrame = atNextFrame(flush)
      waiting = { ...waiting, [news.type]: waiting[news.type] + news.text }
    },
    end(how: Partial<Answer>): void {
      flush()
      change(id, () => ({ ...how, endedAtMs: performance.now() }))
    },
  }
}

/** Which Mac has it, and how far it is, stands among the requests under way. */
function followLive(id: string): () => void {
  return useMeshState.subscribe(({ mesh }) => {
    const live = mesh?.live.find(({ requestId }) => requestId === id)
    if (!live) return
    const { workerId, handovers, phase, tokensGenerated } = live
    change(id, was => ({
      phase,
      handovers,
      workerId: workerId ?? was.workerId,
      tokens: tokensGenerated > 0 ? tokensGenerated : was.tokens,
    }))
  })
}

function change(id: string, make: (was: Answer) => Partial<Answer>): void {
  useConversation.setState(state => {
    const was = state.turns.at(-1)
    if (was?.role !== 'assistant' || was.id !== id) return state
    const now = keepEqual(was, { ...was, ...make(was) })
    return now === was ? state : { turns: [...state.turns.slice(0, -1), now] }
  })
}

function newAnswer(id: string, modelId: string): Answer {
  return {
    role: 'assistant',
    id,
    text: '',
    thought: '',
    modelId,
    state: 'waiting',
    error: null,
    workerId: null,
    handovers: 0,
    phase: 'queued',
    tokens: null,
    askedAtMs: performance.now(),
    firstAtMs: null,
    endedAtMs: null,
    isCut: false,
  }
}

/** A question that got no answer is left out: many models want the two to take turns. */
function messagesOf(system: string, turns: readonly Turn[]): ChatMessage[] {
  const said = turns
    .filter(({ text }, i) => text !== '' && turns[i + 1]?.text !== '')
    .map(({ role, text }): ChatMessage => ({ role, content: text }))
  return system.trim() === '' ? said : [{ role: 'system', content: system.trim() }, ...said]
}

function lastQuestion(turns: readonly Turn[]): number {
  return turns.map(({ role }) => role).lastIndexOf('user')
}

/** `randomUUID` is not there on pages that come over plain http from another machine. */
function newId(kind: string): string {
  const parts = crypto.getRandomValues(new Uint32Array(4))
  return `${kind}_${[...parts].map(part => part.toString(16).padStart(8, '0')).join('')}`
}
