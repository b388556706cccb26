import type { AnswerSink } from './answer-reader.ts'
import { monotonicUs } from './clock.ts'
import { readCompletionEvent } from './completion.ts'
import type { LoadPlan } from './plan.ts'
import { SseReader } from './sse-reader.ts'
import { readStamps, type Stamp } from './stamp.ts'
import type { Tally } from './tally.ts'

/** One request and its answer: follows the answer's tokens and tells the tally how it went. */
export class Exchange implements AnswerSink {
  readonly #plan: LoadPlan
  readonly #tally: Tally
  readonly #dueUs: number
  readonly #sentUs = monotonicUs()
  readonly #onEnd: () => void
  #sse: SseReader | null = null
  #status = 0
  #error: string | null = null
  #done = false
  #firstTokenUs: number | null = null
  #lastTokenUs = 0
  #tokens = 0
  #usage: number | null = null
  #nextSerial = 0
  #arrivedUs = 0

  constructor(plan: LoadPlan, tally: Tally, dueUs: number, onEnd: () => void) {
    this.#plan = plan
    this.#tally = tally
    this.#dueUs = dueUs
    this.#onEnd = onEnd
  }

  onHead(status: number): void {
    this.#status = status
    if (this.#plan.streaming && status === 200) this.#sse = new SseReader(data => this.#onData(data))
  }

  onBody(bytes: Buffer): void {
    if (this.#sse) {
      this.#arrivedUs = monotonicUs()
      this.#sse.push(bytes)
    } else if (this.#status !== 200) this.#error ??= `HTTP ${this.#status} ${bytes.toString('utf8', 0, 160)}`
  }

  onEnd(): void {
    if (this.#status !== 200) this.#error ??= `HTTP ${this.#status}`
    else if (this.#plan.streaming && !this.#done) this.#error ??= 'the stream ended without [DONE]'
    this.#finish()
  }

  onFail(reason: string): void {
    this.#error ??= reason
    this.#finish()
  }

  #onData(data: string): void {
    if (data === '[DONE]') {
      this.#done = true
      return
    }
    const event = readCompletionEvent(data)
    if (event.error !== null) this.#error ??= event.error
    if (event.completionTokens !== null) this.#usage = event.completionTokens
    if (event.text !== '') this.#onText(event.text)
  }

  #onText(text: string): void {
    const now = this.#arrivedUs
    const measured = this.#tally.covers(now)
    if (this.#firstTokenUs === null) this.#firstTokenUs = now
    else if (measured) this.#tally.tokenGap.push(now - this.#lastTokenUs)
    this.#lastTokenUs = now
    const tokens = this.#plan.expectTokens === null ? 1 : countTokens(text)
    for (const stamp of readStamps(text)) this.#check(stamp, now)
    this.#tokens += tokens
    this.#tally.countArrived(tokens, now)
  }

  #check({ serial, madeAtUs }: Stamp, now: number): void {
    if (serial !== this.#nextSerial) this.#error ??= `token ${serial} came in place of ${this.#nextSerial}`
    this.#nextSerial = serial + 1
    if (this.#tally.covers(now)) this.#tally.tokenTransit.push(now - madeAtUs)
  }

  #finish(): void {
    const expected = this.#plan.expectTokens
    this.#tally.add({
      dueUs: this.#dueUs,
      sentUs: this.#sentUs,
      endUs: monotonicUs(),
      error: this.#error,
      firstTokenUs: this.#firstTokenUs,
      tokens: this.#usage ?? this.#tokens,
      lostTokens: expected === null ? 0 : Math.max(0, expected - this.#tokens),
    })
    this.#onEnd()
  }
}

/** A token of the scripted engines ends with a space, so that tokens which travel together can be counted. */
function countTokens(text: string): number {
  let count = 0
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) count++
  return count
}
