import { findCoreNode, type Place } from './core-node.ts'
import type { StartCore } from './core-process.ts'
import { outsideCore } from './outside-core.ts'
import { utilityCore } from './utility-core.ts'

/** In a utility process, unless Electron's Node.js is too old for the core, or another one was asked for. */
export function chooseCore(place: Place): StartCore {
  const node = findCoreNode(place)
  return node === null ? utilityCore : outsideCore(node)
}
