// The conversations whose beginnings lie in the prefix caches of this Mac, for its heartbeats. An estimate: what the
// runtime really keeps, it decides by bytes.
import type { InferenceRequest } from '../protocol/inference.ts'
import { prefixesOf, type Said, withAnswer } from '../protocol/prefixes.ts'

export interface CachedPrefixes {
  /** A request has been answered with this. */
  note(request: InferenceRequest, answer: Said): void
  /** The model's memory is gone. */
  clear(modelId: string): void
  /** Hashes, for a heartbeat. */
  list(): string[]
}

const maxHashes = 128
/** Of each conversation: what it may share with others, what it was asked, and what the next turn goes on from. */
const maxHashesEach = 3
/** What is noted between two heartbeats beyond these would push the rest out: it is not worth the hashing. */
const maxNotedEach = Math.floor(maxHashes / maxHashesEach)

export function createCachedPrefixes(): CachedPrefixes {
  /** The model of each hash, least recently used first. */
  const modelOf = new Map<string, string>()
  let noted = 0

  return { note, clear, list }

  function note(request: InferenceRequest, answer: Said): void {
    // The answer to a request that was begun elsewhere is known in part only.
    if (request.resume || noted++ >= maxNotedEach) return
    const known = prefixesOf(request.modelId, withAnswer(request, answer))
    const [shared] = known
    const lastTwo = known.slice(-(maxHashesEach - 1))
    // Turns that lie behind: whoever goes on from them finds the shorter or the longer beginning.
    for (const { hash } of known) modelOf.delete(hash)
    for (const prefix of shared ? [shared, ...lastTwo] : []) {
      modelOf.delete(prefix.hash)
      modelOf.set(prefix.hash, request.modelId)
    }
    for (const oldest of modelOf.keys()) {
      if (modelOf.size <= maxHashes) break
      modelOf.delete(oldest)
    }
  }

  function clear(modelId: string): void {
    for (const [hash, owner] of modelOf) if (owner === modelId) modelOf.delete(hash)
  }

  function list(): string[] {
    noted = 0
    return [...modelOf.keys()]
  }
}
