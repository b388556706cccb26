/**
 * An async iterable that its producer pushes into. Each `next()` takes one value; values wait in order until taken.
 * Leaving the loop early calls `onReturn`, which is how closing a stream cancels all the way down; `return()` also
 * ends a `next()` that is under way.
 */
export class PushStream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: T[] = []
  readonly #onReturn: () => void
  #taken = 0
  #state: 'open' | 'ended' | { readonly error: unknown } = 'open'
  #wake: {
    resolve: (result: IteratorResult<T, undefined>) => void
    reject: (error: unknown) => void
  } | null = null

  constructor(onReturn: () => void = () => {}) {
    this.#onReturn = onReturn
  }

  /** Values pushed and not yet taken. */
  get length(): number {
    return this.#waiting.length - this.#taken
  }

  push(value: T): void {
    if (this.#state !== 'open') return
    const wake = this.#wake
    if (wake) {
      this.#wake = null
      wake.resolve({ value, done: false })
    } else this.#waiting.push(value)
  }

  /** No more values: what waits is still delivered. */
  end(): void {
    this.#close('ended')
  }

  /** Ends the stream with an error, delivered after what waits. */
  fail(error: unknown): void {
    this.#close({ error })
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.length > 0) {
      const value = this.#waiting[this.#taken++] as T
      if (this.#taken === this.#waiting.length) {
        this.#waiting.length = 0
        this.#taken = 0
      }
      return Promise.resolve({ value, done: false })
    }
    if (this.#state === 'ended') return Promise.resolve({ value: undefined, done: true })
    if (this.#state !== 'open') {
      const { error } = this.#state
      this.#state = 'ended'
      return Promise.reject(error)
    }
    return new Promise((resolve, reject) => {
      this.#wake = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const wasOpen = this.#state === 'open'
    this.#state = 'ended'
    this.#waiting.length = 0
    this.#taken = 0
    const wake = this.#wake
    this.#wake = null
    wake?.resolve({ value: undefined, done: true })
    if (wasOpen) this.#onReturn()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #close(state: 'ended' | { readonly error: unknown }): void {
    if (this.#state !== 'open') return
    this.#state = state
    const wake = this.#wake
    if (!wake) return
    this.#wake = null
    if (state === 'ended') wake.resolve({ value: undefined, done: true })
    else {
      this.#state = 'ended'
      wake.reject(state.error)
    }
  }
}
