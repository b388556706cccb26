// One model in one Python process: its life, from the first frame to the reason why it ended.
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { Log } from '../telemetry/log.ts'
import type {
  EmbedRequest,
  EngineEvent,
  EngineModel,
  EngineStats,
  GenerateRequest,
  LoadPhase,
  ModelFiles,
} from './engine.ts'
import type { Frame } from './frames.ts'
import { LiveRequests } from './live-requests.ts'
import type { MlxEngineOptions } from './mlx-engine.ts'
import { type RuntimeProcess, startRuntime, visionLayerOf } from './runtime-process.ts'
import { WatchDog } from './watch-dog.ts'

const beatMs = 1000
/** Importing libraries and reading weights can hold Python's lock for many seconds. */
const patienceWhileLoading = { unanswered: 60, still: Number.POSITIVE_INFINITY }
const patience = { unanswered: 4, still: 30 }
const graceOfHangingMs = 500

type State =
  | { readonly name: 'loading' }
  | { readonly name: 'serving' }
  | { readonly name: 'closing' }
  /** It is being ended by force, for a reason that it does not know. */
  | { readonly name: 'killed'; readonly reason: string }
  | { readonly name: 'gone'; readonly error: MeshError }

export class MlxModel implements EngineModel {
  contextTokens: number
  images: EngineModel['images']
  readonly #lacksLayer: boolean
  stats: EngineStats = { memoryBytes: 0, cacheBytes: 0, active: 0, queued: 0 }
  /** Rejects with MODEL_LOAD_FAILED when the process ends before it can serve. */
  readonly ready: Promise<void>
  readonly exited: Promise<string | null>
  readonly #modelId: string
  readonly #log: Log
  readonly #clock: Clock
  readonly #process: RuntimeProcess
  readonly #live: LiveRequests
  readonly #onPhase: (phase: LoadPhase) => void
  readonly #stopBeats: () => void
  readonly #loaded = Promise.withResolvers<void>()
  #state: State = { name: 'loading' }
  #watchDog = new WatchDog(patienceWhileLoading)
  #pings = 0
  #fatal: string | null = null

  constructor(files: ModelFiles, options: MlxEngineOptions, onPhase: (phase: LoadPhase) => void) {
    this.contextTokens = files.contextTokens
    this.ready = this.#loaded.promise
    this.#modelId = files.modelId
    this.#lacksLayer = files.hasEyes === true && visionLayerOf(options) === null
    this.#onPhase = onPhase
    this.#log = options.log.child({ modelId: files.modelId })
    this.#process = startRuntime(options, files.folder, this.#log, frame => this.#take(frame))
    this.#live = new LiveRequests(command => this.#process.send(command))
    this.#clock = options.clock
    this.#stopBeats = options.clock.every(beatMs, () => this.#beat())
    this.exited = this.#process.ended.then(reason => this.#end(reason))
  }

  /** Of the process, for whoever wants to look at it from outside. */
  get pid(): number {
    return this.#process.pid
  }

  get isServing(): boolean {
    return this.#state.name === 'serving'
  }

  generate(request: GenerateRequest): AsyncIterable<EngineEvent> {
    return this.#whileServing(() => this.#live.begin(request))
  }

  embed(request: EmbedRequest): AsyncIterable<EngineEvent> {
    return this.#whileServing(() => this.#live.embed(request))
  }

  #whileServing(begin: () => AsyncIterable<EngineEvent>): AsyncIterable<EngineEvent> {
    switch (this.#state.name) {
      case 'serving':
        return begin()
      case 'gone':
        return failed(this.#state.error)
      case 'killed':
        return failed(this.#failure(this.#state.reason))
      default:
        return failed(shuttingDown(this.#modelId))
    }
  }

  limitMemory(bytes: number): void {
    this.#process.send({ op: 'limit', memoryBytes: Math.max(1, Math.floor(bytes)) })
  }

  async close(graceMs: number): Promise<void> {
    if (this.#state.name === 'loading' || this.#state.name === 'serving') {
      this.#state = { name: 'closing' }
      this.#process.send({ op: 'shutdown' })
    }
    const callOff = this.#clock.after(graceMs, () => this.#process.stop(0))
    await this.exited
    callOff()
  }

  /** Ends it by force: what runs fails at once, with a reason such as "did not answer for 4 s". */
  kill(reason: string): void {
    if (this.#state.name === 'gone' || this.#state.name === 'killed') return
    this.#state = { name: 'killed', reason }
    this.#live.failAll(this.#failure(reason))
    this.#process.stop(graceOfHangingMs)
  }

  #take(frame: Frame): void {
    switch (frame.ev) {
      case 'pong':
        this.#watchDog.answered(frame)
        this.stats = statsOf(frame)
        return
      case 'loading':
        this.#onPhase(frame.phase === 'warmup' ? 'warming' : 'loading')
        return
      case 'ready':
        this.#serve(frame)
        return
      case 'fatal':
        this.#fatal = frame.message
        return
      default:
        this.#watchDog.progressed()
        this.#live.take(frame)
    }
  }

  #serve(ready: Extract<Frame, { ev: 'ready' }>): void {
    const { contextTokens, weightBytes, images = false, loadMs, mlx, mlxLm, device } = ready
    if (this.#state.name !== 'loading') return
    this.contextTokens = contextTokens
    this.images = images ? 'taken' : this.#lacksLayer ? 'needs-layer' : undefined
    this.stats = { ...this.stats, memoryBytes: weightBytes }
    this.#watchDog = new WatchDog(patience)
    this.#state = { name: 'serving' }
    this.#log.info('model loaded', { pid: this.#process.pid, loadMs, mlx, mlxLm, device })
    this.#loaded.resolve()
    this.#beat()
  }

  #beat(): void {
    const hang = this.#watchDog.beat()
    if (hang === null) this.#process.send({ op: 'ping', n: ++this.#pings })
    else if (this.#state.name === 'loading' || this.#state.name === 'serving') {
      this.#log.error('model process hangs', { why: hang })
      this.kill(hang)
    }
  }

  /** The process is gone. Returns why, or null when that was wanted. */
  #end(exitReason: string): string | null {
    this.#stopBeats()
    const before = this.#state
    const wanted = before.name === 'closing'
    const reason = before.name === 'killed' ? before.reason : (this.#fatal ?? exitReason)
    const error = wanted ? shuttingDown(this.#modelId) : this.#failure(reason)
    this.#state = { name: 'gone', error }
    this.stats = { memoryBytes: 0, cacheBytes: 0, active: 0, queued: 0 }
    this.#live.failAll(error)
    this.#loaded.reject(new MeshError('MODEL_LOAD_FAILED', `${this.#modelId} cannot be loaded: ${reason}`))
    return wanted ? null : reason
  }

  #failure(reason: string): MeshError {
    return new MeshError('ENGINE_FAILED', `The process of ${this.#modelId} ${reason}.`)
  }
}

function failed(error: MeshError): AsyncIterable<EngineEvent> {
  const stream = new PushStream<EngineEvent>()
  stream.fail(error)
  return stream
}

function statsOf({ memoryBytes, cacheBytes, active, queued }: EngineStats): EngineStats {
  return { memoryBytes, cacheBytes, active, queued }
}

function shuttingDown(modelId: string): MeshError {
  return new MeshError('SHUTTING_DOWN', `${modelId} is being unloaded.`)
}
