import type { Answer } from '../protocol/answers.ts'

type Echo = Extract<Answer, { type: 'echo' }>

/** A prompt said again (`echo`), which a second Mac begins to say from its beginning: passes on what is new. */
export class EchoOnce {
  #saidChars = 0
  #saidEntries = 0
  #heardChars = 0
  #heardEntries = 0

  /** Another Mac says it. */
  beginAgain(): void {
    this.#heardChars = 0
    this.#heardEntries = 0
  }

  /** Null when all of it has been said before. */
  pass(echo: Echo): Echo | null {
    const token = echo.token.slice(Math.max(0, this.#saidChars - this.#heardChars))
    const logprobs = echo.logprobs?.slice(Math.max(0, this.#saidEntries - this.#heardEntries))
    this.#heardChars += echo.token.length
    this.#heardEntries += echo.logprobs?.length ?? 0
    this.#saidChars = Math.max(this.#saidChars, this.#heardChars)
    this.#saidEntries = Math.max(this.#saidEntries, this.#heardEntries)
    return token === '' && !logprobs?.length ? null : { ...echo, token, logprobs }
  }
}
