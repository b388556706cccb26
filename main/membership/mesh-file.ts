// `mesh.json` of the data folder: what a member keeps of its mesh. Readable by its owner alone; in the app it is sealed, too,
// with a key that the system keeps for the app.
import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'
import { roster } from './roster.ts'
import { openSealed, type SealedFile, seal, sealedFile } from './sealed-file.ts'

const routeAddress = z.object({ host: z.string(), port: z.int().min(1).max(65_535) })

const mesh = z.object({
  meshId: z.string(),
  meshName: z.string(),
  /** This Mac's private key, in PEM. */
  key: z.string(),
  roster,
  /** Secrets before the present one, each with the members that have not been heard of since it was changed. */
  previous: z.array(z.object({ secret: z.string(), awaited: z.array(z.string()) })),
  /** Where the Mac that let this one in said that others take routes. */
  routes: z.array(routeAddress),
})
export type Mesh = z.infer<typeof mesh>

/** Where each member was last, by its id. */
const addresses = z.record(z.string(), routeAddress)
export type Addresses = z.infer<typeof addresses>

const meshFile = z.object({ mesh, addresses })
export type MeshFile = z.infer<typeof meshFile>

/**
 * Null when this Mac is in no mesh. A file that is not sealed yet is read with a key, too. Throws an Error for the user
 * when the file cannot be read: guessing would be joining nothing.
 */
export function readMeshFile(file: string, key: Uint8Array | null = null): MeshFile | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const content = parseJson(text)
  const sealed = sealedFile.safeParse(content)
  const parsed = meshFile.safeParse(sealed.success ? parseJson(unseal(file, sealed.data, key)) : content)
  if (parsed.success) return parsed.data
  throw new Error(
    `${file} cannot be read as the membership of a mesh. Remove it, and pair this Mac again ("mlx-mesh join").`,
  )
}

export function writeMeshFile(file: string, kept: MeshFile, key: Uint8Array | null = null): void {
  const content = key === null ? kept : seal(JSON.stringify(kept), key)
  writeFileAtomically(file, `${JSON.stringify(content, null, 2)}\n`)
}

function unseal(file: string, { sealed }: SealedFile, key: Uint8Array | null): string {
  if (key === null) {
    throw new Error(
      `${file} is sealed with a key that this Mac keeps for the app. Start MLX Mesh as the app, and let it use the Keychain if macOS asks. Or remove the file, and pair this Mac again ("mlx-mesh join").`,
    )
  }
  const text = openSealed(sealed, key)
  if (text !== null) return text
  throw new Error(
    `${file} is sealed with another key than the one that this Mac keeps for the app. Remove it, and pair this Mac again ("mlx-mesh join").`,
  )
}

export function removeMeshFile(file: string): void {
  rmSync(file, { force: true })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
