// What a caller must be allowed for a route. What is not named here is for `admin`: a route that somebody forgets opens no door.
import type { Scope } from '../access/caller.ts'

/** For everybody whose address is not shut out. */
const open = new Set(['/', '/health', '/api/mesh/ca.pem'])
/** Other interfaces than OpenAI's, whose names have no folder of their own. */
const ollama = /^\/api\/(chat|generate|embed|embeddings|tags|show|ps|version)$/
const shown = /^\/(metrics|api\/catalog|api\/cluster\/.+|api\/dashboard\/.+|ws\/dashboard)$/
const logs = /^\/api\/dashboard\/workers\/[^/]+\/log$/

/** Null: no scope at all. `isPage`: it is one of the page's files. */
export function scopeFor(method: string, path: string, isPage: boolean): Scope | null {
  if (path.startsWith('/v1/') || ollama.test(path)) return 'inference'
  if (!isReading(method)) return 'admin'
  // The page's files are the same on every Mac: what it shows, it asks for.
  if (open.has(path) || isPage) return null
  return shown.test(path) && !logs.test(path) ? 'read' : 'admin'
}

export function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
