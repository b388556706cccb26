// The running peer: its port, its health, and an answer from end to end.
import { createServer } from 'node:net'
import { findDataFolder } from '../config/data-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { ask } from './ask.ts'
import type { Finding } from './doctor-checks.ts'
import { findOwnWorker, firstUsable } from './own-worker.ts'
import { isPeerAlive } from './peer-alive.ts'
import { health } from './peer-answers.ts'
import { findPeer } from './peer-client.ts'
import { findPortOwner } from './port-owner.ts'
import { readRunFile } from './run-file.ts'
import type { Terminal } from './terminal.ts'

/** A model may have to be loaded for it. */
const answerMs = 180_000

export async function checkPort(terminal: Terminal): Promise<Finding> {
  const wanted = readWantedPort(terminal)
  if (!wanted) return { status: 'warn', message: 'which one is wanted the configuration does not tell' }
  const { port, address } = wanted
  const running = readRunFile(findDataFolder(terminal.env))
  if (running && Number(new URL(running.url).port) === port && (await isPeerAlive(running))) {
    return { status: 'ok', message: `${port} is this peer's` }
  }
  if (await canListen(port, address)) return { status: 'ok', message: `${port} is free` }
  const owner = await findPortOwner(port)
  return {
    status: 'fail',
    message: `${port} is in use${owner === null ? '' : ` by ${owner}`}`,
    mend: 'Stop that program, or choose another port with MLX_MESH_PORT or --port.',
  }
}

/** Null when the configuration cannot be used, which its own check tells. */
function readWantedPort({ env }: Terminal): { readonly port: number; readonly address: string } | null {
  try {
    const { port, bind_address: address } = loadConfig({ env }).config.controller
    return { port, address }
  } catch {
    return null
  }
}

export async function checkPeer(terminal: Terminal, url: string | undefined): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(terminal, url)
    const { status } = await peer.get('/health', health)
    if (status === 'healthy') return { status: 'ok', message: `healthy at ${peer.url}` }
    return {
      status: status === 'degraded' ? 'warn' : 'fail',
      message: `${status} at ${peer.url}`,
      mend: 'The log in the data folder says why (logs/mlx-mesh.log).',
    }
  })
}

/** One token of one model. */
export async function checkAnswer(terminal: Terminal, url: string | undefined): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(terminal, url)
    const model = firstUsable(await findOwnWorker(peer))
    if (!model) {
      return {
        status: 'fail',
        message: 'this machine has no model',
        mend: 'Run "npm start": it fetches one.',
      }
    }
    const beganMs = performance.now()
    const question = [{ role: 'user', content: 'Hi' }] as const
    const signal = AbortSignal.timeout(answerMs)
    for await (const piece of ask(peer, model.modelId, question, signal, { max_tokens: 1 })) {
      if (piece.type === 'usage') break
    }
    return {
      status: 'ok',
      message: `${model.modelId} answered in ${((performance.now() - beganMs) / 1000).toFixed(2)} s`,
    }
  })
}

/** What cannot be looked at is something to know, and nothing broken. */
export async function guard(look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    return { status: 'warn', message: error instanceof Error ? error.message : String(error) }
  }
}

function canListen(port: number, address: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, address, () => server.close(() => resolve(true)))
  })
}
