// The sending end of an answer: numbers what one request produces, keeps it until it is acknowledged, sends it again
// when asked. What is produced within one turn of the event loop, or while credit is used up, travels as one batch.
import type { EngineEvent } from '../engine/engine.ts'
import { type AnswerBody, encodeAnswer, encodeRendered } from '../protocol/answers.ts'
import { MeshError } from '../protocol/errors.ts'
import type { Piece, TokenLogprob } from '../protocol/inference.ts'
import { addPieces, isThinking, lengthOfPieces } from '../protocol/pieces.ts'

/** A gateway acknowledges ten times a second and after each 64 answers: this is several round trips. */
const creditAnswers = 256
/** Text that may wait for a client that does not read, before the request is given up. */
const maxWaitingBytes = 1 << 20
/** Bounds of one batch, far below the 1 MB that NATS carries, escaped and with 20 alternatives a token; a step alone may be longer. */
const maxTokensPerBatch = 128
const maxTextPerBatch = 32_768

export interface OutgoingAnswers {
  /** Says `accepted` at the end of the turn, unless something better has come by then. */
  begin(): void
  started(promptTokens: number, cachedTokens: number): void
  echo(text: string, logprobs: readonly TokenLogprob[] | null): void
  /** The next part of the vectors that were asked for. */
  vectors(base64: string): void
  /**
   * What one step brought. Its text and its ids stay in one message: whoever has the ids has the text. Without ids it is
   * text behind the last token. False when the client has not read for so long that the request should be given up.
   */
  tokens(step: StepShare): boolean
  /** The last answer: a `done`, `busy` or `error`. */
  end(last: AnswerBody): void
  /** The client has everything before `next`. True when nothing is left to deliver. */
  acknowledge(next: number): boolean
  /** Sends what is kept again, from the number `from` on. */
  resend(from: number): void
  /** Sends what has come together, without waiting for the end of the turn. */
  flush(): void
}

type StepShare = Omit<Extract<EngineEvent, { type: 'tokens' }>, 'type'>

export interface OutgoingOptions {
  readonly requestId: string
  readonly render: { readonly head: string; readonly tail: string } | undefined
  /** Tokens of the answer that another Mac has delivered. */
  readonly deliveredTokens: number
  /** Throws RangeError when the bytes are too many for a message. */
  readonly publish: (data: Uint8Array) => void
  /** Runs a function when the turn of the event loop is over. */
  readonly atTurnEnd: (run: () => void) => void
  /** The answer has been ended with an error: nothing more of it can be delivered. */
  readonly giveUp: (reason: MeshError) => void
}

/** Whole steps that travel together. */
interface Batch {
  text: string
  /** In place of the text; such steps travel as JSON also to a client that streams. */
  readonly pieces: Piece[] | null
  readonly ids: number[]
  readonly logprobs: TokenLogprob[]
}

export function createOutgoingAnswers({
  requestId,
  render,
  deliveredTokens,
  publish,
  atTurnEnd,
  giveUp,
}: OutgoingOptions): OutgoingAnswers {
  const unacknowledged: Uint8Array[] = []
  let firstUnacknowledged = 0
  let waiting: AnswerBody[] = []
  let batches: Batch[] = []
  let waitingText = 0
  let vectorChars = 0
  let lastText = ''
  let lastPieces: readonly Piece[] = []
  let tokenIndex = deliveredTokens
  let last: AnswerBody | null = null
  let sentAnything = false
  let ended = false
  let scheduled = false

  const answers: OutgoingAnswers = {
    begin: scheduleFlush,
    started: (promptTokens, cachedTokens) => {
      waiting.push({ type: 'started', promptTokens, cachedTokens })
      scheduleFlush()
    },
    echo: (token, echoed) => {
      for (let rest = token; rest !== ''; ) {
        const part = firstText(rest)
        rest = rest.slice(part.length)
        waiting.push({ type: 'echo', token: part })
      }
      for (let from = 0; echoed && from < echoed.length; from += maxTokensPerBatch)
        waiting.push({ type: 'echo', token: '', logprobs: echoed.slice(from, from + maxTokensPerBatch) })
      scheduleFlush()
    },
    vectors: base64 => {
      waiting.push({ type: 'vectors', at: vectorChars, base64 })
      vectorChars += base64.length
      scheduleFlush()
    },
    tokens: step => {
      if (step.ids.length === 0) {
        lastText += step.text
        lastPieces = [...lastPieces, ...(step.pieces ?? [])]
        return true
      }
      let batch = batches.at(-1)
      if (!batch || !hasRoom(batch, step)) {
        batch = { text: '', pieces: step.pieces && [...step.pieces], ids: [], logprobs: [] }
        batches.push(batch)
      } else if (step.pieces) addPieces(batch.pieces ?? [], step.pieces)
      batch.text += step.text
      for (const id of step.ids) batch.ids.push(id)
      if (step.logprobs) batch.logprobs.push(...step.logprobs)
      waitingText += lengthOf(step)
      // Tokens whose text is held back, because a stop string may be under way, wait for it.
      if (waitingText > 0 || step.logprobs) scheduleFlush()
      return waitingText <= maxWaitingBytes
    },
    end: body => {
      last = body
      scheduleFlush()
    },
    acknowledge: next => {
      const arrived = Math.min(next - firstUnacknowledged, unacknowledged.length)
      if (arrived > 0) {
        unacknowledged.splice(0, arrived)
        firstUnacknowledged += arrived
        if (batches.length > 0 || last) flush()
      }
      return ended && unacknowledged.length === 0
    },
    resend: from => {
      for (const data of unacknowledged.slice(Math.max(0, from - firstUnacknowledged))) publish(data)
    },
    flush,
  }
  return answers

  function scheduleFlush(): void {
    if (scheduled) return
    scheduled = true
    atTurnEnd(flush)
  }

  function flush(): void {
    scheduled = false
    if (ended) return
    try {
      sendAll()
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown
      const reason = new MeshError('INTERNAL', `A piece of the answer is too long: ${thrown.message}`)
      finish(asLastAnswer(reason))
      giveUp(reason)
    }
  }

  function sendAll(): void {
    if (last?.type === 'done' && isShort()) {
      finish({ ...last, token: batches.map(batch => batch.text).join('') + lastText })
      return
    }
    for (const body of waiting) send(body)
    waiting = []
    let sent = 0
    for (const batch of batches) {
      if (unacknowledged.length >= creditAnswers) break
      sendBatch(batch)
      sent++
    }
    batches = batches.slice(sent)
    if (last && batches.length === 0) finish(last.type === 'done' ? { ...last, ...lastWords() } : last)
    else if (!sentAnything) send({ type: 'accepted' })
  }

  function lastWords(): { token?: string; pieces?: Piece[] } {
    if (lastPieces.length > 0) return { pieces: [...lastPieces] }
    return lastText === '' ? {} : { token: lastText }
  }

  /** The whole answer came within one turn and fits into the message that ends it. */
  function isShort(): boolean {
    return (
      !sentAnything &&
      !render &&
      waitingText + lastText.length <= maxTextPerBatch &&
      lastPieces.length === 0 &&
      !batches.some(batch => batch.logprobs.length > 0 || batch.pieces) &&
      waiting.every(body => body.type === 'started')
    )
  }

  function sendBatch(batch: Batch): void {
    const { text, pieces, ids, logprobs } = batch
    if (render && !pieces) {
      const rendered = text === '' ? '' : render.head + JSON.stringify(text) + render.tail
      keep(encodeRendered(nextSeq(), tokenIndex, ids, rendered))
    } else {
      const more = { ...(pieces ? { pieces } : {}), ...(logprobs.length > 0 ? { logprobs } : {}) }
      send({ type: 'token', token: text, index: tokenIndex, ids, ...more })
    }
    tokenIndex += ids.length
    waitingText -= lengthOf(batch)
  }

  function finish(body: AnswerBody): void {
    ended = true
    send(body)
  }

  function nextSeq(): number {
    return firstUnacknowledged + unacknowledged.length
  }

  function send(body: AnswerBody): void {
    keep(encodeAnswer({ requestId, seq: nextSeq(), ...body }))
  }

  function keep(data: Uint8Array): void {
    publish(data) // before it is kept: what cannot be sent now never can, and would be asked for for ever
    sentAnything = true
    unacknowledged.push(data)
  }
}

/** Steps of text, of thinking and of other pieces do not mix: tokens that were thought with are counted. */
function hasRoom(batch: Batch, step: StepShare): boolean {
  return (
    (batch.pieces === null) === (step.pieces === null) &&
    isThinking(batch.pieces) === isThinking(step.pieces) &&
    batch.ids.length + step.ids.length <= maxTokensPerBatch &&
    lengthOf(batch) + lengthOf(step) <= maxTextPerBatch
  )
}

function lengthOf({ text, pieces }: Pick<StepShare, 'text' | 'pieces'>): number {
  return text.length + lengthOfPieces(pieces ?? [])
}

export function asLastAnswer({ message, code, param, retryAfterMs }: MeshError): AnswerBody {
  return { type: 'error', error: message, code, param, retryAfterMs }
}

/** As much text as one batch carries, never half of a surrogate pair. */
function firstText(text: string): string {
  if (text.length <= maxTextPerBatch) return text
  const lastUnit = text.charCodeAt(maxTextPerBatch - 1)
  const isHighSurrogate = lastUnit >= 0xd800 && lastUnit <= 0xdbff
  return text.slice(0, isHighSurrogate ? maxTextPerBatch - 1 : maxTextPerBatch)
}
