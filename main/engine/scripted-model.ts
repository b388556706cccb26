// One scripted "process": all its streams advance by one token at each step, as in a real batch.
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type {
  EmbedRequest,
  EngineEvent,
  EngineModel,
  EngineStats,
  GenerateRequest,
  ModelFiles,
} from './engine.ts'
import { ScriptedAnswer } from './scripted-answer.ts'
import { scriptedEmbedding } from './scripted-embedding.ts'
import type { Script } from './scripted-engine.ts'

export class ScriptedModel implements EngineModel {
  readonly contextTokens: number
  readonly images: EngineModel['images']
  /** What it was told; a script takes no heed of it. */
  memoryLimitBytes: number | null = null
  readonly exited: Promise<string | null>
  readonly #script: Script
  readonly #clock: Clock
  readonly #kind: ModelFiles['kind']
  #memoryBytes: number
  readonly #live = new Map<PushStream<EngineEvent>, ScriptedAnswer>()
  /** In the order in which they came. */
  readonly #waiting = new Map<PushStream<EngineEvent>, ScriptedAnswer>()
  /** With what calls off the rest of their events. */
  readonly #embedding = new Map<PushStream<EngineEvent>, () => void>()
  #tokens = 0
  #hangs = false
  #gone: MeshError | null = null
  #reportExit: (reason: string | null) => void = () => {}
  #stopSteps: (() => void) | null = null

  constructor(files: ModelFiles, script: Script, clock: Clock) {
    this.contextTokens = files.contextTokens
    this.#kind = files.kind
    if (files.hasEyes) this.images = script.blind ? 'needs-layer' : 'taken'
    this.#memoryBytes = files.sizeBytes
    this.#script = script
    this.#clock = clock
    this.exited = new Promise(resolve => {
      this.#reportExit = resolve
    })
  }

  get stats(): EngineStats {
    const memoryBytes = this.#gone ? 0 : this.#memoryBytes
    return { memoryBytes, cacheBytes: 0, active: this.#live.size, queued: this.#waiting.size }
  }

  get isServing(): boolean {
    return this.#gone === null
  }

  generate(request: GenerateRequest): AsyncIterable<EngineEvent> {
    const stream = new PushStream<EngineEvent>(() => this.#leave(stream))
    try {
      if (this.#gone) throw this.#gone
      if (this.#kind === 'embedding') throw otherKind('embeddings, not text')
      if (this.images !== 'taken') refuseImages(request)
      this.#waiting.set(stream, new ScriptedAnswer(request, this.contextTokens, this.#script.answerTokens))
      this.#admit()
    } catch (error) {
      stream.fail(error)
    }
    return stream
  }

  embed(request: EmbedRequest): AsyncIterable<EngineEvent> {
    const stream = new PushStream<EngineEvent>(() => this.#leaveEmbedding(stream))
    try {
      if (this.#gone) throw this.#gone
      if (this.#kind !== 'embedding') throw otherKind('text, not embeddings')
      this.#pace(stream, scriptedEmbedding(request, this.contextTokens))
    } catch (error) {
      stream.fail(error)
    }
    return stream
  }

  limitMemory(bytes: number): void {
    this.memoryLimitBytes = bytes
  }

  /** The "process" takes so much memory from now on. */
  grow(memoryBytes: number): void {
    this.#memoryBytes = memoryBytes
  }

  /** The "process" dies: what runs fails. */
  crash(reason = 'was killed by SIGKILL'): void {
    this.#end(new MeshError('ENGINE_FAILED', `The model's process ${reason}.`), reason)
  }

  close(_graceMs: number): Promise<void> {
    this.#end(new MeshError('SHUTTING_DOWN', 'The model is being unloaded.'), null)
    return Promise.resolve()
  }

  /** One event at a time where the script has a speed. */
  #pace(stream: PushStream<EngineEvent>, events: readonly EngineEvent[]): void {
    const { tokensPerSecond } = this.#script
    const rest = [...events]
    const say = () => {
      const event = rest.shift()
      if (event) stream.push(event)
      if (rest.length > 0) return
      this.#leaveEmbedding(stream)
      stream.end()
    }
    if (!(tokensPerSecond > 0) || !Number.isFinite(tokensPerSecond)) for (const _ of events) say()
    else this.#embedding.set(stream, this.#clock.every(1000 / tokensPerSecond, say))
  }

  #leaveEmbedding(stream: PushStream<EngineEvent>): void {
    this.#embedding.get(stream)?.()
    this.#embedding.delete(stream)
  }

  #admit(): void {
    for (const [stream, answer] of this.#waiting) {
      if (this.#live.size >= this.#script.atOnce) return
      this.#waiting.delete(stream)
      this.#live.set(stream, answer)
      for (const event of answer.beginning()) stream.push(event)
      this.#run(stream, answer)
    }
  }

  #run(stream: PushStream<EngineEvent>, answer: ScriptedAnswer): void {
    const { tokensPerSecond } = this.#script
    if (tokensPerSecond > 0 && Number.isFinite(tokensPerSecond)) this.#startSteps(tokensPerSecond)
    else while (this.#live.has(stream) && !this.#hangs) this.#advance(stream, answer)
  }

  /** Timers are coarse, so each tick makes as many steps as are due by now. */
  #startSteps(tokensPerSecond: number): void {
    if (this.#stopSteps) return
    const beganMs = this.#clock.now()
    let made = 0
    this.#stopSteps = this.#clock.every(Math.max(1, 1000 / tokensPerSecond), () => {
      const due = Math.floor(((this.#clock.now() - beganMs) * tokensPerSecond) / 1000 + 1e-6)
      for (; made < due && this.#live.size > 0; made++) {
        for (const [stream, answer] of this.#live) if (!this.#hangs) this.#advance(stream, answer)
      }
    })
  }

  #advance(stream: PushStream<EngineEvent>, answer: ScriptedAnswer): void {
    for (const event of answer.next()) stream.push(event)
    if (answer.ended) {
      stream.end()
      this.#leave(stream)
    }
    this.#tokens += 1
    if (this.#tokens === this.#script.hangAfterTokens) this.#hangs = true
    if (this.#tokens === this.#script.crashAfterTokens) this.crash()
  }

  #leave(stream: PushStream<EngineEvent>): void {
    this.#waiting.delete(stream)
    this.#live.delete(stream)
    this.#admit()
    if (this.#live.size > 0) return
    this.#stopSteps?.()
    this.#stopSteps = null
  }

  #end(error: MeshError, reason: string | null): void {
    if (this.#gone) return
    this.#gone = error
    const unfinished = [...this.#live.keys(), ...this.#waiting.keys()]
    this.#waiting.clear()
    for (const stream of unfinished) {
      stream.fail(error)
      this.#leave(stream)
    }
    for (const stream of [...this.#embedding.keys()]) {
      this.#leaveEmbedding(stream)
      stream.fail(error)
    }
    this.#reportExit(reason)
  }
}

function refuseImages({ messages = [] }: GenerateRequest): void {
  const at = messages.findIndex(({ images }) => images?.length)
  if (at < 0) return
  const param = `messages[${at}].content`
  throw new MeshError('INVALID_REQUEST', `${param} has images, and this model takes no images`, { param })
}

function otherKind(makes: string): MeshError {
  return new MeshError('INVALID_REQUEST', `the model makes ${makes}`, { param: 'model' })
}
