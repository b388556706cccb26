import { createInterface } from 'node:readline/promises'
import { ask, type Message } from '../client/ask.ts'
import { CommandError } from '../client/command-error.ts'
import type { PeerClient } from '../client/peer-client.ts'
import type { Terminal } from './terminal.ts'

/** Question and answer until Ctrl-D. Ctrl-C stops an answer; what was said of it stays in the conversation. */
export async function converse(peer: PeerClient, modelId: string, terminal: Terminal): Promise<void> {
  const lines = createInterface({
    input: terminal.stdin,
    output: terminal.stdout,
    terminal: terminal.readByPerson,
  })
  const ended = Promise.withResolvers<null>()
  let answering: AbortController | null = null
  let left = false
  lines.on('close', () => {
    left = true
    answering?.abort()
    ended.resolve(null)
  })
  lines.on('SIGINT', () => {
    if (answering) answering.abort()
    else terminal.note('\nCtrl-D leaves.\n')
    if (!answering) lines.prompt()
  })

  terminal.say(`Talking to ${modelId}. Ctrl-C stops an answer, Ctrl-D leaves.\n`)
  const messages: Message[] = []
  while (!left) {
    terminal.say('\n')
    const question = await Promise.race([lines.question('> '), ended.promise])
    if (question === null) break
    if (question.trim() === '') continue
    messages.push({ role: 'user', content: question })
    answering = new AbortController()
    const answer = await printAnswer(messages, answering.signal)
    answering = null
    if (answer === '') messages.pop()
    else messages.push({ role: 'assistant', content: answer })
  }
  terminal.say('\n')

  /** What came of the answer; a failure is said and does not end the conversation. */
  async function printAnswer(asked: readonly Message[], signal: AbortSignal): Promise<string> {
    let answer = ''
    let toldToWait = false
    let toldOfThinking = false
    try {
      for await (const piece of ask(peer, modelId, asked, signal)) {
        if (piece.type === 'text') {
          answer += piece.text
          terminal.say(piece.text)
        } else if (piece.type === 'waiting' && answer === '' && !toldToWait) {
          toldToWait = true
          terminal.note(`(waiting for ${modelId} …)\n`)
        } else if (piece.type === 'thinking' && !toldOfThinking) {
          toldOfThinking = true
          terminal.note('(thinking …)\n')
        }
      }
      terminal.say('\n')
    } catch (error) {
      if (signal.aborted) terminal.say(' [stopped]\n')
      else if (error instanceof CommandError) terminal.note(`${error.message}\n`)
      else throw error
    }
    return answer
  }
}
