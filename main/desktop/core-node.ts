/** The Node.js that the core is written for. */
const coreNeedsNode = 24

export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Electron's own Node.js, as `process.versions` has it. */
  readonly nodeVersion: string
  /** The checkout's own Node.js; null in the packaged app. */
  readonly checkoutNode: string | null
}

/**
 * The Node.js outside of Electron that has to run the core; null: Electron's own does. MLX_MESH_CORE_NODE names one, but a
 * packaged app follows it only where it has no choice: what it starts, macOS takes for a part of it.
 */
export function findCoreNode({ env, nodeVersion, checkoutNode }: Place): string | null {
  const chosen = env['MLX_MESH_CORE_NODE']
  const isNew = Number.parseInt(nodeVersion, 10) >= coreNeedsNode
  if (chosen && (checkoutNode !== null || !isNew)) return chosen
  if (isNew) return null
  if (checkoutNode !== null) return checkoutNode
  throw new Error(
    `This Electron brings Node.js ${nodeVersion}, and MLX Mesh needs ${coreNeedsNode}: set MLX_MESH_CORE_NODE to one.`,
  )
}
