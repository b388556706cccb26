// `api-keys.json` of the data folder: the keys that open this Mac's door, as digests. Written whole, for its owner alone.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'
import { scopes } from './caller.ts'

const keptKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** SHA-256 of the key, base64url. */
  digest: z.string().length(43),
  /** Its last four characters. */
  end: z.string(),
  scopes: z.array(z.enum(scopes)),
  /** Null: every model. */
  models: z.array(z.string()).nullable(),
  /** Null: as the configuration says. */
  requestsPerMinute: z.int().positive().nullable(),
  tokensPerMinute: z.int().positive().nullable(),
  createdAtMs: z.number(),
  /** Null: never. */
  expiresAtMs: z.number().nullable(),
})
export type KeptKey = z.infer<typeof keptKey>

const keyFile = z.strictObject({ keys: z.array(keptKey) })

/** Throws an Error for the user when the file is there and cannot be read: to guess would lock somebody out, or in. */
export function readKeyFile(file: string): KeptKey[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  const parsed = keyFile.safeParse(parseJson(text))
  if (parsed.success) return parsed.data.keys
  throw new Error(
    `${file} cannot be read as API keys. Remove it, and create the keys again ("mlx-mesh keys create").`,
  )
}

export function writeKeyFile(file: string, keys: readonly KeptKey[]): void {
  writeFileAtomically(file, `${JSON.stringify({ keys }, null, 2)}\n`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
