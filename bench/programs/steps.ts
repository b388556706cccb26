/** The beat of a scripted model: all its streams advance in the same step, as in a real batch. */
class Steps {
  readonly #streams = new Set<() => void>()
  readonly #stepMs: number
  #nextMs = 0
  #running = false

  constructor(tokensPerS: number) {
    this.#stepMs = 1e3 / tokensPerS
  }

  /** Calls `onStep` at each step from now on, until the returned function is called. */
  join(onStep: () => void): () => void {
    this.#streams.add(onStep)
    if (!this.#running) {
      this.#running = true
      this.#nextMs = performance.now() + this.#stepMs
      this.#wait()
    }
    return () => this.#streams.delete(onStep)
  }

  #wait(): void {
    setTimeout(() => this.#step(), this.#nextMs - performance.now())
  }

  /** Timers are coarse, so each makes as many steps as are due. */
  #step(): void {
    for (; this.#nextMs <= performance.now(); this.#nextMs += this.#stepMs) {
      for (const onStep of [...this.#streams]) onStep()
    }
    this.#running = this.#streams.size > 0
    if (this.#running) this.#wait()
  }
}

/**
 * The speed that a model's name asks for: `bench-340` (or `bench-340:latest`, for who asks for tags) makes 340
 * tokens a second for each stream, `bench-0` all at once.
 */
export function speedOf(modelId: string): number {
  return Number(/-(\d+)(:\w+)?$/.exec(modelId)?.[1] ?? 0)
}

const steps = new Map<number, Steps>()

/** Says each serial from 0 to `tokens` - 1: the first at once, the others in step. The returned function stops it. */
export function paceTokens(tokensPerS: number, tokens: number, say: (serial: number) => void): () => void {
  if (tokensPerS === 0) {
    for (let serial = 0; serial < tokens; serial++) say(serial)
    return () => {}
  }
  const shared = steps.get(tokensPerS) ?? new Steps(tokensPerS)
  steps.set(tokensPerS, shared)
  let serial = 1
  const leave = shared.join(() => {
    if (serial < tokens) say(serial++)
    if (serial >= tokens) leave()
  })
  say(0)
  return leave
}
