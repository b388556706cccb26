// `mlx-mesh chat`: a conversation in the terminal, or one question and its answer.
import { text as readAll } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { ask, type Usage } from '../client/ask.ts'
import { CommandError } from '../client/command-error.ts'
import { checkModel, findOwnWorker, firstUsable } from '../client/own-worker.ts'
import { findPeer, type PeerClient } from '../client/peer-client.ts'
import { converse } from './conversation.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runChat(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    options: { ...peerOptions, model: { type: 'string', short: 'm' } },
    allowPositionals: true,
  })
  const words = [...positionals]
  const wanted = values.model ?? words.shift()
  const prompt = await readPrompt(words, terminal)
  if (prompt === null && values.json)
    throw new CommandError('--json needs a prompt, as a word or piped in.', 2)

  const peer = findPeer(terminal, values.url)
  const modelId = await chooseModel(peer, wanted)
  if (prompt === null) await converse(peer, modelId, terminal)
  else if (values.json) await answerJson(peer, modelId, prompt, terminal)
  else await answerOnce(peer, modelId, prompt, terminal)
  return 0
}

/** The words of the command line and what is piped in, one after the other; null when the user wants to type. */
async function readPrompt(words: readonly string[], terminal: Terminal): Promise<string | null> {
  const piped = terminal.typedInto ? '' : (await readAll(terminal.stdin)).trim()
  const parts = [words.join(' '), piped].filter(Boolean)
  if (parts.length > 0) return parts.join('\n\n')
  if (terminal.typedInto) return null
  throw new CommandError('there is no prompt: standard input is empty.', 2)
}

/** Without a wish: a model that is loaded, or else the first one. */
async function chooseModel(peer: PeerClient, wanted: string | undefined): Promise<string> {
  const worker = await findOwnWorker(peer)
  if (wanted !== undefined) {
    await checkModel(peer, worker, wanted)
    return wanted
  }
  const model = firstUsable(worker)
  if (!model)
    throw new CommandError('there is no model on this machine; "mlx-mesh doctor" says how to get one.')
  return model.modelId
}

async function answerOnce(
  peer: PeerClient,
  modelId: string,
  prompt: string,
  terminal: Terminal,
): Promise<void> {
  for await (const piece of ask(peer, modelId, [{ role: 'user', content: prompt }], neverStopped())) {
    if (piece.type === 'text') terminal.say(piece.text)
  }
  terminal.say('\n')
}

async function answerJson(
  peer: PeerClient,
  modelId: string,
  prompt: string,
  terminal: Terminal,
): Promise<void> {
  let answer = ''
  let usage: Usage | null = null
  for await (const piece of ask(peer, modelId, [{ role: 'user', content: prompt }], neverStopped())) {
    if (piece.type === 'text') answer += piece.text
    if (piece.type === 'usage') usage = piece.usage
  }
  terminal.say(`${JSON.stringify({ modelId, answer, usage })}\n`)
}

/** Ctrl-C ends the whole command here, and with it the request. */
function neverStopped(): AbortSignal {
  return new AbortController().signal
}
