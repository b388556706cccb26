import { createInterface } from 'node:readline/promises'
import type { Terminal } from './terminal.ts'

export interface Prompt {
  /** What the person types; null at the end of the input, after Ctrl-C, and when `signal` aborts. */
  ask(question: string, signal?: AbortSignal): Promise<string | null>
  close(): void
}

export function openPrompt(terminal: Terminal, onCtrlC: () => void = () => {}): Prompt {
  const lines = createInterface({
    input: terminal.stdin,
    output: terminal.stdout,
    terminal: terminal.readByPerson,
  })
  const ended = Promise.withResolvers<null>()
  lines.on('close', () => ended.resolve(null))
  lines.on('SIGINT', () => {
    onCtrlC()
    lines.close()
  })
  return {
    ask(question, signal = new AbortController().signal) {
      const answered = lines.question(question, { signal }).catch(() => null)
      return Promise.race([answered, ended.promise])
    },
    close: () => lines.close(),
  }
}

/** Anything but a clear yes is a no. */
export function isYes(answer: string): boolean {
  return /^(y|yes)$/i.test(answer.trim())
}

export function isNo(answer: string): boolean {
  return /^(n|no)$/i.test(answer.trim())
}
