import { z } from 'zod'
import type { WorkerRecord } from '../cluster/view.ts'
import type { Clock } from '../protocol/clock.ts'
import type { DashboardWorker } from '../protocol/dashboard.ts'
import { MeshError } from '../protocol/errors.ts'
import { pinCommand, sharingOrder } from '../protocol/workers.ts'
import { readJson } from './body.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { refuseOthers } from './own-mac.ts'
import { checkParameters } from './parameters.ts'
import type { GatewayOptions, MeshView, PeerIdentity, WorkerCommands } from './ports.ts'
import type { Handler, Routes } from './router.ts'
import type { Traffic } from './traffic.ts'
import { countWorkers } from './worker-json.ts'

export interface ClusterApiOptions {
  readonly view: MeshView
  readonly commands: WorkerCommands
  readonly traffic: Traffic
  readonly clock: Clock
  readonly identity: PeerIdentity
  readonly leader: GatewayOptions['leader']
  readonly describe: (worker: WorkerRecord) => DashboardWorker
}

const commandBody = z.strictObject({ modelId: z.string().min(1) })
const maxCommandBytes = 64 << 10

/** `/api/cluster/*` */
export function clusterRoutes({
  view,
  commands,
  traffic,
  clock,
  identity,
  leader,
  describe,
}: ClusterApiOptions): Routes {
  const startedAtMs = clock.now()
  const remove = command('removed', commands.removeModel, 200)
  return {
    'GET /api/cluster/status': exchange => {
      const workers = view.workers()
      const { active, total, failed } = traffic
      exchange.json(200, {
        controller: { version: identity.version, uptime: clock.now() - startedAtMs, mode: identity.mode },
        leader: leader(),
        workers: countWorkers(workers),
        models: { loaded: loadedModels(workers) },
        requests: { active, total, successRate: total === 0 ? null : 1 - failed / total },
      })
    },
    'GET /api/cluster/workers': exchange => exchange.json(200, view.workers().map(describe)),
    'GET /api/cluster/workers/{workerId}': exchange => exchange.json(200, describe(workerOf(exchange))),
    'POST /api/cluster/workers/{workerId}/load-model': command('loading', commands.loadModel),
    'POST /api/cluster/workers/{workerId}/unload-model': command('unloading', commands.unloadModel),
    'POST /api/cluster/workers/{workerId}/remove-model': exchange => {
      // What is gone from a disk does not come back.
      refuseOthers(exchange, 'Models are only removed')
      return remove(exchange)
    },
    'POST /api/cluster/workers/{workerId}/pin-model': async exchange => {
      const workerId = onlineWorkerOf(exchange)
      const body = checkParameters(pinCommand.strict(), {}, await readJson(exchange, maxCommandBytes))
      exchange.about = `${body.modelId}${body.pinned ? '' : ' (unpinned)'}`
      const model = await commands.pinModel(workerId, body.modelId, body.pinned)
      exchange.json(200, { status: body.pinned ? 'pinned' : 'unpinned', model })
    },
    'POST /api/cluster/workers/{workerId}/sharing': async exchange => {
      const workerId = onlineWorkerOf(exchange)
      const order = checkParameters(sharingOrder, {}, await readJson(exchange, maxCommandBytes))
      exchange.about = order.state
      exchange.json(200, { sharing: await commands.setSharing(workerId, order) })
    },
  }

  /** Answered when the worker has begun; how far it is stands in its record, and in `model` for a start. */
  function command(status: string, order: WorkerCommands['removeModel'], answered = 202): Handler {
    return async exchange => {
      const workerId = onlineWorkerOf(exchange)
      const { modelId } = checkParameters(commandBody, {}, await readJson(exchange, maxCommandBytes))
      exchange.about = modelId
      const model = await order(workerId, modelId)
      exchange.json(answered, { status, model })
    }
  }

  function onlineWorkerOf(exchange: Exchange): string {
    const { registration, status } = workerOf(exchange)
    if (status !== 'offline') return registration.workerId
    throw new MeshError('NO_WORKER', `The Mac ${registration.hostname} is offline.`)
  }

  function workerOf({ params: [workerId = ''] }: Exchange): WorkerRecord {
    const worker = view.worker(workerId)
    if (worker) return worker
    const message = `There is no Mac with the id '${workerId}' in this mesh.`
    throw new HttpError(404, 'worker_not_found', message, { param: 'workerId' })
  }
}

function loadedModels(workers: readonly WorkerRecord[]): string[] {
  const online = workers.filter(({ status }) => status !== 'offline')
  return [...new Set(online.flatMap(({ heartbeat }) => heartbeat?.metrics.modelsLoaded ?? []))]
}
