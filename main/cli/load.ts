// `mlx-mesh load` and `unload`: ask for it, then follow the model's state until it is there.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CommandError } from '../client/command-error.ts'
import { checkModel, findModel, findOwnWorker } from '../client/own-worker.ts'
import { findPeer } from '../client/peer-client.ts'
import { isHubName } from '../protocol/model-files.ts'
import type { ModelState, ModelStatus } from '../protocol/models.ts'
import { createProgress } from './copy-progress.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

interface Errand {
  readonly route: 'load-model' | 'unload-model'
  readonly done: readonly ModelState[]
  readonly doneText: string
}

const loading: Errand = { route: 'load-model', done: ['ready'], doneText: 'is ready' }
const unloading: Errand = {
  route: 'unload-model',
  done: ['unloaded', 'failed', 'absent'],
  doneText: 'is unloaded',
}

const lookAgainMs = 200
/** How long a peer may show what was before the errand: its view comes with heartbeats. */
const staleMs = 2500

export function runLoad(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runErrand(loading, args, terminal)
}

export function runUnload(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runErrand(unloading, args, terminal)
}

async function runErrand(errand: Errand, args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const [modelId, ...more] = positionals
  if (modelId === undefined || more.length > 0) throw new CommandError('expected the id of one model.', 2)
  const peer = findPeer(terminal, values.url)
  const worker = await findOwnWorker(peer)
  // What no Mac has may be at the hub.
  if (errand !== loading || !isHubName(modelId)) await checkModel(peer, worker, modelId)
  const before = findModel(worker, modelId)

  const beganMs = performance.now()
  const seconds = () => (performance.now() - beganMs) / 1000
  await peer.post(`/api/cluster/workers/${worker.workerId}/${errand.route}`, { modelId }, z.unknown())
  const obeyedS = seconds()
  const model = await follow()
  const tookMs = Math.round(seconds() * 1000)
  if (values.json) terminal.say(`${JSON.stringify({ ...model, tookMs })}\n`)
  else terminal.say(`${modelId} ${errand.doneText} (${seconds().toFixed(1)} s).\n`)
  return 0

  async function follow(): Promise<ModelStatus> {
    const progress = createProgress()
    for (;;) {
      const status = findModel(await findOwnWorker(peer), modelId ?? '')
      if (status && errand.done.includes(status.state)) return status
      // A copy that was given up is nothing that its Mac would speak of.
      if (!status && before && errand === unloading) return { ...before, state: 'absent' }
      const isStale = status?.state === before?.state && (seconds() - obeyedS) * 1000 < staleMs
      if (!isStale && (!status || status.state === 'failed' || status.state === 'absent')) {
        throw new CommandError(`${modelId} could not be loaded: ${status?.reason ?? 'no reason was given'}`)
      }
      const news = status && !isStale ? progress(status, seconds()) : null
      if (news !== null && !values.json) terminal.note(`${modelId}: ${news} …\n`)
      await pause(lookAgainMs)
    }
  }
}
