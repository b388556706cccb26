// What the hub's refusals mean, in words for the owner of a Mac.
import type { IncomingMessage } from 'node:http'
import { MeshError } from '../protocol/errors.ts'
import { WrongRedirect } from '../web/address-check.ts'
import type { HubAddress } from './hub-http.ts'

/** Trying again may help. */
export class Passing extends Error {
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs = 0) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

/** The hub has no such thing: no model of that name, or that state of it no more. */
export class NotAtHub extends MeshError {}

/** Null: it is an answer. MeshError: a refusal that stays. */
export function refusalOf(
  answer: IncomingMessage,
  modelId: string,
  hub: HubAddress,
): Passing | MeshError | null {
  const status = answer.statusCode ?? 0
  if (status === 200 || status === 206) return null
  const { host } = hub.endpoint
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterS = Number(answer.headers['retry-after'] ?? 0)
    return new Passing(`${host} answered ${status}`, Number.isFinite(retryAfterS) ? retryAfterS * 1000 : 0)
  }
  const code = answer.headers['x-error-code']
  if (code === 'GatedRepo' || status === 403) return gated(modelId, hub)
  if (status === 401 && hub.token !== null) {
    const message = `${host} does not give ${modelId} to the owner of the token in HF_TOKEN. Check the token and the name.`
    return new MeshError('MODEL_NOT_FOUND', message, { param: 'modelId' })
  }
  if (status === 401 || status === 404) {
    const message = `There is no model ${modelId} at ${host}, or it is private: then it takes an access token in HF_TOKEN.`
    const Refusal = status === 404 ? NotAtHub : MeshError
    return new Refusal('MODEL_NOT_FOUND', message, { param: 'modelId' })
  }
  return new MeshError('MODEL_LOAD_FAILED', `${host} refuses ${modelId}: it answered ${status}.`)
}

/** Whatever a request threw: a MeshError stays, the network's troubles pass. Throws the reason of an aborted signal. */
export function troubleOf(
  thrown: unknown,
  modelId: string,
  hub: HubAddress,
  signal: AbortSignal,
): Passing | MeshError {
  if (signal.aborted) throw signal.reason
  if (thrown instanceof MeshError || thrown instanceof Passing) return thrown
  if (thrown instanceof WrongRedirect) {
    return new MeshError(
      'MODEL_LOAD_FAILED',
      `${modelId} is not fetched from ${hub.endpoint.host}: ${thrown.message}`,
    )
  }
  return new Passing(thrown instanceof Error ? thrown.message || thrown.name : String(thrown))
}

/** When patience has ended. */
export function unreachable(trouble: Passing, hub: HubAddress): MeshError {
  const message = `${hub.endpoint.host} cannot be reached (${trouble.message}). Check that this Mac is online and load it again.`
  return new MeshError('MODEL_LOAD_FAILED', message, { cause: trouble })
}

function gated(modelId: string, hub: HubAddress): MeshError {
  // Not all of the address: a mirror's may hold a login.
  const { origin, pathname } = hub.endpoint
  const page = `${origin}${pathname.replace(/\/$/, '')}/${modelId}`
  const message = `${modelId} is gated: accept its terms at ${page}, and start MLX Mesh with an access token of that account in HF_TOKEN.`
  return new MeshError('MODEL_LOAD_FAILED', message, { param: 'modelId' })
}
