// What was begun and never finished: copies of models, drafts of files.
import { type Dirent, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { formatBytes } from '../client/format-bytes.ts'
import { findOwnWorker } from '../client/own-worker.ts'
import { findPeer } from '../client/peer-client.ts'
import { dataPaths, findDataFolder } from '../config/data-folder.ts'
import type { Finding, Patient } from './finding.ts'
import { guard } from './peer.ts'

/** What is younger may be about to be finished. */
const restMs = 60_000

export function checkLeftovers(patient: Patient): Promise<Finding> {
  return guard(async () => {
    const dataFolder = findDataFolder(patient.env)
    const { models } = dataPaths(dataFolder)
    const drafts = (await entries(dataFolder)).filter(isDraft).map(({ name }) => join(dataFolder, name))
    const partial = join(models, '.partial')
    const begun = (await entries(partial)).map(({ name }) => name)
    if (drafts.length === 0 && begun.length === 0) return { status: 'ok', message: 'there are none' }

    const peer = findPeer(patient, patient.url)
    const own = await findOwnWorker(peer)
    const ofPeer = own.models.filter(({ state }) => state === 'absent' || state === 'downloading')
    const known = new Set(ofPeer.map(({ modelId }) => encodeURIComponent(modelId)))
    const cutOff = ofPeer.filter(({ state }) => state === 'absent')
    const unknown = begun.filter(name => !known.has(name)).map(name => join(partial, name))
    const files = [...drafts, ...unknown].filter(isAtRest)
    if (cutOff.length + files.length === 0) return { status: 'ok', message: 'there are none' }
    const copies = cutOff.map(({ modelId, copied }) => `${modelId} (${formatBytes(copied?.bytes ?? 0)})`)
    return {
      status: 'warn',
      message: [
        ...(copies.length === 0 ? [] : [`copies that were cut off: ${copies.join(', ')}`]),
        ...(files.length === 0 ? [] : [`${files.length} unfinished files or folders`]),
      ].join('; '),
      advice: 'Load a model that was cut off, and its copy goes on; or remove what is left of it.',
      mend: {
        label: 'Remove them',
        run: async () => {
          for (const { modelId } of cutOff)
            await peer.post(`/api/cluster/workers/${own.workerId}/remove-model`, { modelId }, z.unknown())
          for (const file of files) await rm(file, { recursive: true, force: true })
        },
      },
    }
  })
}

async function entries(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => [])
}

/** As files are written: beside them first, under the number of the process. */
function isDraft({ name }: Dirent): boolean {
  return /\.\d+\.tmp$/.test(name)
}

function isAtRest(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && Date.now() - found.mtimeMs > restMs
}
