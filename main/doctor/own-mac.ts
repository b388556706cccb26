// What this Mac does for others, and how its models are.
import { z } from 'zod'
import { findOwnWorker } from '../client/own-worker.ts'
import { findPeer } from '../client/peer-client.ts'
import { ownersReasons } from '../protocol/workers.ts'
import type { Finding, Patient } from './finding.ts'
import { guard } from './peer.ts'

export function checkSharing(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const { workerId, sharing } = await findOwnWorker(peer)
    if (!sharing || sharing.state === 'on') return { status: 'ok', message: 'this Mac works for the others' }
    const message = `paused: ${sharing.reason}`
    if (sharing.state === 'leaving') return { status: 'ok', message: 'this Mac is about to stop' }
    if (!ownersReasons.some(reason => reason === sharing.reason))
      return { status: 'ok', message: `${message}; it goes on by itself` }
    return {
      status: 'warn',
      message,
      advice: 'Switch sharing on when this Mac should work for the others again ("mlx-mesh share on").',
      mend: {
        label: 'Share again',
        run: async () => {
          await peer.post(`/api/cluster/workers/${workerId}/sharing`, { state: 'on' }, z.unknown())
        },
      },
    }
  })
}

export function checkModels(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const peer = findPeer(patient, patient.url)
    const { workerId, models } = await findOwnWorker(peer)
    const failed = models.filter(({ state }) => state === 'failed')
    const ready = models.filter(({ state }) => state === 'ready')
    if (failed.length === 0) return { status: 'ok', message: `${models.length} here, ${ready.length} loaded` }
    return {
      status: 'warn',
      message: failed.map(({ modelId, reason }) => `${modelId} failed: ${reason}`).join(' '),
      advice: 'Load it again. If it fails again, the log says more (logs/mlx-mesh.log).',
      mend: {
        label: 'Load again',
        run: async () => {
          for (const { modelId } of failed)
            await peer.post(`/api/cluster/workers/${workerId}/load-model`, { modelId }, z.unknown())
        },
      },
    }
  })
}
