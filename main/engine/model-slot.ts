// The life of one model on this Mac: who waits for it, who uses it, what its process does.
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { memoryBytesOf } from '../protocol/model-memory.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { EngineModel, LoadPhase, ModelFiles } from './engine.ts'
import { ModelRun } from './model-run.ts'
import { checkTransition, type SlotState } from './model-state.ts'
import type { ModelLease } from './models.ts'
import type { Occupant } from './room.ts'
import type { RoomSeeker } from './room-queue.ts'
import type { SlotHost } from './slot-host.ts'
import { Strikes, strikesForQuarantine } from './strikes.ts'
import { Waiters } from './waiters.ts'

const closeGraceMs = 3000
/** A load that takes longer hangs: imports and warm-up on a slow Mac, and the weights from a slow disk. */
const longestStartS = 120
const slowestDiskBytesPerS = 50e6
const leftAlone = `It failed ${strikesForQuarantine} times within 10 minutes and is left alone until it is loaded by name.`

export class ModelSlot implements RoomSeeker {
  files: ModelFiles
  readonly #host: SlotHost
  readonly #strikes = new Strikes()
  readonly #waiters = new Waiters<ModelLease>(() => this.#withdraw())
  #state: SlotState = { name: 'unloaded' }
  #lastUsedAtMs: number | null = null
  /** Asked for by name: it is loaded even if nobody waits for it. */
  #isWanted = false
  /** Settled while there is no process. */
  #life: Promise<void> = Promise.resolve()

  constructor(files: ModelFiles, host: SlotHost) {
    this.files = files
    this.#host = host
  }

  get modelId(): string {
    return this.files.modelId
  }

  /** Measured once the model runs. */
  get needBytes(): number {
    return memoryBytesOf(this.files.sizeBytes)
  }

  get status(): ModelStatus {
    const { modelId, fingerprint, sizeBytes, contextTokens, createdAtMs, kind, hasEyes } = this.files
    const run = 'run' in this.#state ? this.#state.run : null
    return {
      modelId,
      fingerprint,
      state: this.#state.name,
      reason: this.#state.name === 'failed' ? this.#state.reason : null,
      sizeBytes,
      memoryBytes: run?.model.stats.memoryBytes ?? 0,
      contextTokens: run?.model.contextTokens ?? contextTokens,
      createdAtMs,
      lastUsedAtMs: this.#lastUsedAtMs,
      activeRequests: run?.leases ?? 0,
      ...(kind ? { kind } : {}),
      images: run ? run.model.images : hasEyes ? this.#imagesOnceLoaded() : undefined,
      ...(this.#host.isPinned(modelId) ? { pinned: true } : {}),
    }
  }

  #imagesOnceLoaded(): ModelStatus['images'] {
    return this.#host.engine.seesImages ? 'taken' : 'needs-layer'
  }

  /** The memory that it holds, or will in a moment; null while it has no process. */
  get occupant(): Occupant | null {
    const state = this.#state
    if (!('run' in state || 'abort' in state)) return null
    const measuredBytes = 'run' in state ? state.run?.model.stats.memoryBytes : 0
    return {
      modelId: this.modelId,
      memoryBytes: measuredBytes || this.needBytes,
      lastUsedAtMs: this.#lastUsedAtMs,
      isPinned: this.#host.isPinned(this.modelId),
      isIdle: state.name === 'ready' && state.run.leases === 0,
      isLeaving: state.name === 'draining' && (state.run?.leases ?? 0) === 0,
    }
  }

  /** For its process, if it has one that is loaded. */
  limitMemory(bytes: number): void {
    if ('run' in this.#state) this.#state.run?.limitMemory(bytes)
  }

  async use(signal: AbortSignal): Promise<ModelLease> {
    signal.throwIfAborted()
    const state = this.#state
    if (state.name === 'ready' && state.run.model.isServing) return this.#lease(state.run)
    if (this.#strikes.isQuarantined) throw this.#quarantined()
    const lease = this.#waiters.add(signal)
    // While a process is on its way out, its end opens the slot again.
    this.#open()
    return lease
  }

  load(): void {
    this.#strikes.forgive()
    if (this.#state.name === 'ready') return
    this.#isWanted = true
    this.#open()
  }

  /** Running requests end first; whoever comes meanwhile waits for a fresh load. */
  unload(): void {
    this.#isWanted = false
    const state = this.#state
    switch (state.name) {
      case 'queued':
        this.#leaveQueue(state)
        this.#waiters.rejectAll(this.#unloaded())
        break
      case 'loading':
      case 'warming':
        this.#enter({ name: 'draining', run: null })
        state.abort.abort(this.#unloaded())
        this.#waiters.rejectAll(this.#unloaded())
        break
      case 'ready':
        this.#enter({ name: 'draining', run: state.run })
        if (state.run.leases === 0) state.run.model.close(closeGraceMs)
    }
  }

  // The queue says that there is room, or that there is none.
  start(): void {
    this.#life = this.#live()
  }

  refuse(error: MeshError): void {
    this.#fail(error)
  }

  /** The files are gone from the disk. Returns whether the model is forgotten: not while it has a process. */
  vanish(): boolean {
    if (this.#state.name === 'unloaded' || this.#state.name === 'failed') this.#enter({ name: 'absent' })
    return this.#state.name === 'absent'
  }

  /** The house closes: ends everything, also what runs. Resolves when the process is gone. */
  async close(error: MeshError): Promise<void> {
    this.#waiters.rejectAll(error)
    this.unload()
    if (this.#state.name === 'draining') await this.#state.run?.model.close(closeGraceMs)
    await this.#life
  }

  /** From the start of the process to its end. */
  async #live(): Promise<void> {
    const { clock, engine } = this.#host
    const abort = new AbortController()
    this.#enter({ name: 'loading', abort })
    const longestS = Math.ceil(longestStartS + this.files.sizeBytes / slowestDiskBytesPerS)
    // Counts beats, as the watch-dog does: while this Mac sleeps no disk is read, and no time has been wasted.
    let leftS = longestS
    const callOff = clock.every(1000, () => {
      leftS -= 1
      if (leftS === 0) abort.abort(this.#tooSlow(longestS))
    })
    let model: EngineModel
    try {
      model = await engine.load(this.files, phase => this.#progress(phase, abort), abort.signal)
      if (abort.signal.aborted) {
        await model.close(0)
        throw abort.signal.reason
      }
    } catch (error) {
      // Either somebody unloads it, or it is the load that failed.
      if (this.#state.name === 'draining') this.#ended()
      else this.#loadFailed(asMeshError(error))
      return
    } finally {
      callOff()
    }
    this.#serve(model)
    const reason = await model.exited
    if (this.#state.name === 'draining') this.#ended()
    else this.#crashed(reason ?? 'ended')
  }

  #progress(phase: LoadPhase, abort: AbortController): void {
    const { name } = this.#state
    if ((name === 'loading' || name === 'warming') && name !== phase) this.#enter({ name: phase, abort })
  }

  #serve(model: EngineModel): void {
    const run = new ModelRun(model)
    this.#isWanted = false
    // Loading counts as use: what was just asked for by name is not the first to make room.
    this.#lastUsedAtMs = this.#host.clock.now()
    this.#enter({ name: 'ready', run })
    this.#waiters.resolveAll(() => this.#lease(run))
    this.#host.roomChanged()
  }

  #ended(): void {
    this.#enter({ name: 'unloaded' })
    this.#host.roomChanged()
    if (this.#waiters.size > 0 || this.#isWanted) this.#open()
  }

  #loadFailed(error: MeshError): void {
    this.#strikes.add(this.#host.clock.now())
    this.#host.log.warn('model not loaded', { modelId: this.modelId, reason: error.message })
    this.#fail(error)
  }

  #crashed(reason: string): void {
    this.#strikes.add(this.#host.clock.now())
    this.#host.log.error('model process died', { modelId: this.modelId, reason })
    this.#enterFailed(`The process of ${this.modelId} ${reason}.`)
    // Those who wait came after its last request had failed: they are owed a new process.
    if (this.#waiters.size === 0) return
    if (this.#strikes.isQuarantined) this.#waiters.rejectAll(this.#quarantined())
    else this.#open()
  }

  #fail(error: MeshError): void {
    this.#enterFailed(error.message)
    this.#waiters.rejectAll(error)
  }

  #enterFailed(message: string): void {
    this.#isWanted = false
    const reason = this.#strikes.isQuarantined ? `${message} ${leftAlone}` : message
    this.#enter({ name: 'failed', reason })
    this.#host.roomChanged()
  }

  #open(): void {
    if (this.#state.name !== 'unloaded' && this.#state.name !== 'failed') return
    const { clock } = this.#host
    const delayMs = this.#strikes.backOffMs(clock.now())
    const stopBackOff = delayMs > 0 ? clock.after(delayMs, () => this.#host.joinQueue(this)) : () => {}
    this.#enter({ name: 'queued', stopBackOff })
    if (delayMs === 0) this.#host.joinQueue(this)
  }

  /** Somebody has given up waiting. A load that has begun goes on: the next request is likely to want it. */
  #withdraw(): void {
    if (this.#state.name === 'queued' && this.#waiters.size === 0 && !this.#isWanted) {
      this.#leaveQueue(this.#state)
    }
  }

  #leaveQueue(state: Extract<SlotState, { name: 'queued' }>): void {
    state.stopBackOff()
    this.#host.leaveQueue(this)
    this.#enter({ name: 'unloaded' })
  }

  #lease(run: ModelRun): ModelLease {
    this.#lastUsedAtMs = this.#host.clock.now()
    return run.lease(() => {
      this.#lastUsedAtMs = this.#host.clock.now()
      if (run.leases > 0) return
      if (this.#state.name === 'draining') run.model.close(closeGraceMs)
      else this.#host.roomChanged()
    })
  }

  #enter(state: SlotState): void {
    checkTransition(this.#state.name, state.name)
    this.#state = state
    this.#host.changed(this.status)
  }

  #quarantined(): MeshError {
    const reason = this.#state.name === 'failed' ? this.#state.reason : leftAlone
    return new MeshError('MODEL_LOAD_FAILED', reason)
  }

  #tooSlow(seconds: number): MeshError {
    const message = `${this.modelId} was not loaded within ${seconds} s and was given up.`
    return new MeshError('MODEL_LOAD_FAILED', message)
  }

  #unloaded(): MeshError {
    return new MeshError('MODEL_NOT_LOADED', `${this.modelId} was unloaded before it was ready.`)
  }
}
