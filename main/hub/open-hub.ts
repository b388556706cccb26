// The Hugging Face hub, or what HF_ENDPOINT names instead: what it says of a model, and the files of one.
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { withoutLogin } from '../config/without-login.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { fetchFile } from './fetch-file.ts'
import { Passing, refusalOf, troubleOf, unreachable } from './hub-error.ts'
import { askHub, type HubAddress } from './hub-http.ts'
import type { HubOffer } from './hub-offer.ts'
import { Patience, shortPausesMs } from './patience.ts'
import { modelConfig, offerOf, repositoryAnswer, unusable } from './repository.ts'

export interface Hub {
  /** `huggingface.co` */
  readonly name: string
  /** What there is of a model now. Rejects with MeshError: MODEL_NOT_FOUND, MODEL_LOAD_FAILED. */
  offer(modelId: string, signal: AbortSignal): Promise<HubOffer>
  /** Brings all files of the offer into the folder, behind what lies there. Rejects with MeshError, and as the disk does. */
  fetchFiles(order: FetchOrder): Promise<void>
}

interface FetchOrder {
  readonly offer: HubOffer
  readonly folder: string
  readonly signal: AbortSignal
  /** The bytes of all files that are there now. */
  readonly onBytes: (bytes: number) => void
}

export interface HubOptions {
  readonly endpoint: string
  readonly token: string | null
  readonly clock: Clock
  /** Whether the runtime can load models whose config.json says so. */
  readonly knowsModelType: (type: string) => Promise<boolean>
  readonly idleMs?: number
}

const filesAtOnce = 3
const usualIdleMs = 30_000
/** The list of a repository, and a config.json. */
const mostJsonBytes = 16 << 20

/** As the environment says, by the names that are customary for the hub. */
export function hubEnvironment(env: Readonly<Record<string, string | undefined>>) {
  return { endpoint: env['HF_ENDPOINT'] || 'https://huggingface.co', token: env['HF_TOKEN'] || null }
}

export function openHub({ endpoint, token, clock, knowsModelType, idleMs = usualIdleMs }: HubOptions): Hub {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  return { name: url?.host ?? 'the hub', offer, fetchFiles }

  async function offer(modelId: string, signal: AbortSignal): Promise<HubOffer> {
    const read = <T>(path: string, shape: z.ZodType<T>) => readJson(modelId, path, shape, signal)
    const repository = await read(`/api/models/${modelId}/revision/main?blobs=true`, repositoryAnswer)
    if (!repository.siblings.some(({ rfilename }) => rfilename === 'config.json')) {
      throw unusable(modelId, 'it is no model: it has no config.json.')
    }
    const config = await read(`/${modelId}/resolve/${repository.sha}/config.json`, modelConfig)
    const offered = offerOf(modelId, repository, config)
    const type = config.model_type
    if (type === undefined || !(await knowsModelType(type))) {
      throw unusable(
        modelId,
        `models of the kind ${JSON.stringify(type ?? '')} are not known to the MLX of this Mac.`,
      )
    }
    return offered
  }

  async function readJson<T>(
    modelId: string,
    path: string,
    shape: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const hub = address()
    const patience = new Patience(clock, shortPausesMs)
    for (;;) {
      try {
        const answer = await askHub(hub, path, {}, signal)
        const refusal = refusalOf(answer, modelId, hub)
        if (refusal) {
          answer.destroy()
          throw refusal
        }
        const parsed = shape.safeParse(parseJson(await textOf(answer)))
        if (parsed.success) return parsed.data
        const message = `${hub.endpoint.host} does not answer like the hub when it is asked for ${modelId}.`
        throw new MeshError('MODEL_LOAD_FAILED', message, { cause: parsed.error })
      } catch (thrown) {
        const trouble = troubleOf(thrown, modelId, hub, signal)
        if (!(trouble instanceof Passing)) throw trouble
        await patience.failed(trouble, 0, signal).catch(ended => {
          throw ended === trouble ? unreachable(trouble, hub) : ended
        })
      }
    }
  }

  /** The first file that fails ends the others. */
  async function fetchFiles({ offer: wanted, folder, signal: outer, onBytes }: FetchOrder): Promise<void> {
    const hub = address()
    const failed = new AbortController()
    const signal = AbortSignal.any([outer, failed.signal])
    const waiting = [...wanted.files]
    const thereBytes = new Map<string, number>()
    const fetchNext = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        const { name, sizeBytes } = file
        const counted = (bytes: number) => {
          thereBytes.set(name, bytes)
          onBytes([...thereBytes.values()].reduce((sum, each) => sum + each, 0))
        }
        await fetchFile({ name, sizeBytes, onBytes: counted }, { hub, offer: wanted, folder, clock, signal })
      }
    }
    const lanes = Array.from({ length: filesAtOnce }, () =>
      fetchNext().catch(error => {
        if (!failed.signal.aborted) failed.abort(error)
      }),
    )
    await Promise.all(lanes)
    signal.throwIfAborted()
  }

  function address(): HubAddress {
    if (url?.protocol === 'https:' || url?.protocol === 'http:') return { endpoint: url, token, idleMs }
    const message = `HF_ENDPOINT is ${JSON.stringify(withoutLogin(endpoint))}; expected an address such as https://huggingface.co.`
    throw new MeshError('MODEL_LOAD_FAILED', message)
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > mostJsonBytes) throw new MeshError('MODEL_LOAD_FAILED', 'The hub answers with far too much.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
