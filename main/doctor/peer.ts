// The running peer: its port, its health, and an answer from end to end.
import { createServer } from 'node:net'
import { ask } from '../client/ask.ts'
import { findOwnWorker, firstUsable } from '../client/own-worker.ts'
import { isPeerAlive } from '../client/peer-alive.ts'
import { health } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { findPortOwner } from '../client/port-owner.ts'
import { readRunFile } from '../client/run-file.ts'
import { findDataFolder } from '../config/data-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Finding, Patient } from './finding.ts'

/** A model may have to be loaded for it. */
const answerMs = 180_000

export async function checkPort(patient: Patient): Promise<Finding> {
  const wanted = readWantedPort(patient)
  if (!wanted) return { status: 'warn', message: 'which one is wanted the configuration does not tell' }
  const { port, address } = wanted
  const running = readRunFile(findDataFolder(patient.env))
  if (running && Number(new URL(running.url).port) === port && (await isPeerAlive(running))) {
    return { status: 'ok', message: `${port} is this peer's` }
  }
  if (await canListen(port, address)) return { status: 'ok', message: `${port} is free` }
  const owner = await findPortOwner(port)
  return {
    status: 'fail',
    message: `${port} is in use${owner === null ? '' : ` by ${owner}`}`,
    advice: 'Stop that program, or choose another port with MLX_MESH_PORT or --port.',
  }
}

/** Null when the configuration cannot be used, which its own check tells. */
function readWantedPort({ layers }: Patient): { readonly port: number; readonly address: string } | null {
  try {
    const { port, bind_address: address } = loadConfig(layers).config.controller
    return { port, address }
  } catch {
    return null
  }
}

export async function checkPeer(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const { status } = await peer.get('/health', health.partial({ workerId: true, uptime: true }))
    if (status === 'healthy') return { status: 'ok', message: `healthy at ${peer.url}` }
    return {
      status: status === 'degraded' ? 'warn' : 'fail',
      message: `${status} at ${peer.url}`,
      advice: 'The log in the data folder says why (logs/mlx-mesh.log).',
    }
  })
}

/** One token of one model. */
export async function checkAnswer(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const model = firstUsable(await findOwnWorker(peer))
    if (!model) {
      return {
        status: 'fail',
        message: 'this machine has no model',
        advice: 'Run "npm start": it fetches one.',
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
