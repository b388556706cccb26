// Asks the person whether both Macs show the same six digits, while somebody else watches how the pairing goes on.

import type { PeerClient } from '../client/peer-client.ts'
import { meshAnswer, type Pairing } from '../protocol/mesh-answer.ts'
import { isNo, isYes, openPrompt, type Prompt } from './prompt.ts'
import type { Terminal } from './terminal.ts'

type Comparing = Extract<Pairing, { state: 'comparing' }>

export class CodeComparison {
  readonly #peer: PeerClient
  readonly #terminal: Terminal
  readonly #onCtrlC: () => void
  #prompt: Prompt | null = null
  #question: AbortController | null = null
  #shown: string | null = null

  constructor(peer: PeerClient, terminal: Terminal, onCtrlC: () => void) {
    this.#peer = peer
    this.#terminal = terminal
    this.#onCtrlC = onCtrlC
  }

  /** Once for each code. */
  show({ withName, shortCode }: Comparing): void {
    if (this.#shown === shortCode) return
    this.#shown = shortCode
    this.#terminal.say(`\n${withName} shows a code, and so does this Mac:\n\n    ${shortCode}\n\n`)
    if (this.#terminal.typedInto) void this.#ask()
    else this.#terminal.note('Nobody types here, so this stays unanswered.\n')
  }

  /** There is nothing to answer any more. */
  withdraw(): void {
    this.#question?.abort()
    this.#question = null
  }

  close(): void {
    this.withdraw()
    this.#prompt?.close()
  }

  async #ask(): Promise<void> {
    this.#prompt ??= openPrompt(this.#terminal, this.#onCtrlC)
    this.#question = new AbortController()
    let answer: string | null
    // A no ends the invitation, and looks to the other person like an attack: a stray Enter is none.
    do answer = await this.#prompt.ask('Do both show the same? [y/n] ', this.#question.signal)
    while (answer !== null && !isYes(answer) && !isNo(answer))
    if (answer === null) return
    const match = isYes(answer)
    if (match) this.#terminal.note('Waiting for the other Mac …\n')
    // A refusal here means that it has ended meanwhile: whoever watches it sees how.
    await this.#peer.post('/api/mesh/pairing/confirm', { match }, meshAnswer).catch(() => {})
  }
}
