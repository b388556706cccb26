/** Those who wait for the same thing, each with a signal that lets it go. */
export class Waiters<T> {
  readonly #all = new Set<{ resolve: (value: T) => void; reject: (error: unknown) => void }>()
  readonly #onLeft: () => void

  /** `onLeft` is called after one of them has given up. */
  constructor(onLeft: () => void) {
    this.#onLeft = onLeft
  }

  get size(): number {
    return this.#all.size
  }

  add(signal: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = () => {
      this.#all.delete(waiter)
      reject(signal.reason)
      this.#onLeft()
    }
    const stay = () => signal.removeEventListener('abort', leave)
    const waiter = {
      resolve: (value: T) => {
        stay()
        resolve(value)
      },
      reject: (error: unknown) => {
        stay()
        reject(error)
      },
    }
    this.#all.add(waiter)
    signal.addEventListener('abort', leave, { once: true })
    return promise
  }

  resolveAll(make: () => T): void {
    for (const waiter of this.#takeAll()) waiter.resolve(make())
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#takeAll()) waiter.reject(error)
  }

  #takeAll() {
    const all = [...this.#all]
    this.#all.clear()
    return all
  }
}
