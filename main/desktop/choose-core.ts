import type { StartCore } from './core-process.ts'
import { outsideCore } from './outside-core.ts'
import { utilityCore } from './utility-core.ts'

/** The Node.js that the core is written for. */
const coreNeedsNode = 24

export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Electron's own Node.js, as `process.versions` has it. */
  readonly nodeVersion: string
  /** The checkout's own Node.js; null in the packaged app. */
  readonly checkoutNode: string | null
}

/** In a utility process, unless Electron's Node.js is too old for the core, or MLX_MESH_CORE_NODE names another one. */
export function chooseCore({ env, nodeVersion, checkoutNode }: Place): StartCore {
  const chosen = env['MLX_MESH_CORE_NODE']
  if (chosen) return outsideCore(chosen)
  if (Number.parseInt(nodeVersion, 10) >= coreNeedsNode) return utilityCore
  if (checkoutNode !== null) return outsideCore(checkoutNode)
  throw new Error(
    `This Electron brings Node.js ${nodeVersion}, and MLX Mesh needs ${coreNeedsNode}: set MLX_MESH_CORE_NODE to one.`,
  )
}
