// What a download needs to know before its first byte, and to go on after an interruption.
import { z } from 'zod'
import { type ModelOffer, modelOffer } from '../protocol/model-files.ts'

export const hubOffer = modelOffer.extend({
  /** All files are of this state of the repository. */
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Of each file by its name: sha256 (64 digits) of its content, or its id as a blob of git (40). */
  hashes: z.record(z.string(), z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/)),
})
export type HubOffer = z.infer<typeof hubOffer>

export function isHubOffer(offer: ModelOffer | HubOffer): offer is HubOffer {
  return 'commit' in offer
}
