import type { Dialect } from '../dialect.ts'

/**
 * How Ollama's interface says what is not an answer. A stream of lines has no comments, and its own clients choke on empty
 * ones: while nothing happens nothing is said.
 */
export const ollamaDialect: Dialect = {
  contentType: 'application/x-ndjson',
  keepAlive: '',
  failure: ({ message }) => JSON.stringify({ error: message }),
  failureEvent: ({ message }) => makeLine({ error: message }),
}

export function makeLine(value: object): string {
  return `${JSON.stringify(value)}\n`
}

const names = 'chat generate embed embeddings tags show ps version pull push create copy delete'.split(' ')
const paths = new Set(names.map(name => `/api/${name}`))

/** Our own interface begins with `/api/`, too. */
export function isOllamaPath(path: string): boolean {
  return paths.has(path) || path.startsWith('/api/blobs/')
}
