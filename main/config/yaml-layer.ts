// Reads `cluster.yaml` or `settings.json` (JSON is YAML) into settings that know their lines. Does not know types.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'
import type { Problem } from './config-error.ts'
import { isSection, keys, pathOf, suggestKey } from './keys.ts'
import type { Setting, Source } from './source.ts'

export interface Layer {
  readonly settings: readonly Setting[]
  readonly problems: readonly Problem[]
  /** Keys of earlier releases that were found. */
  readonly deprecated: readonly { readonly key: string; readonly source: Source }[]
}

/** Accepted and ignored: MLX schedules the GPU itself. */
const deprecatedKeys = [/^mlx\.(concurrency_limit|force_metal_sync)$/, /^model_concurrency_limiter\..+$/]

export function readYamlLayer(layer: 'file' | 'settings', file: string, text: string): Layer {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const settings: Setting[] = []
  const problems: Problem[] = []
  const deprecated: { key: string; source: Source }[] = []

  const at = (offset: number): Source => ({ layer, file, line: lines.linePos(offset).line })
  const isDeprecated = (path: string) => deprecatedKeys.some(pattern => pattern.test(path))
  /** `mlx:` and the like are sections only of deprecated keys. */
  const isOldSection = (path: string) => path === 'mlx' || path === 'model_concurrency_limiter'

  for (const error of document.errors) {
    problems.push({ source: at(error.pos[0]), key: null, message: `this is not YAML: ${error.message}` })
  }
  if (problems.length === 0 && document.contents) walkRoot(document.contents)
  return { settings, problems, deprecated }

  function walkRoot(root: Node): void {
    walk(root, pair => {
      const { name, source, value } = readPair(pair)
      if (name === 'cluster') walkSection(value, source, [])
      else if (isOldSection(name)) walkSection(value, source, [name])
      else if (keys.has(name) || isSection(name)) {
        problems.push({ source, key: name, message: 'belongs below "cluster:"; indent it there.' })
      } else problems.push({ source, key: name, message: `unknown key; expected "cluster:".` })
    })
  }

  function walkSection(node: Node | null, source: Source, above: readonly string[]): void {
    const path = pathOf(above)
    if (node === null) return
    if (!isMap(node)) {
      problems.push({ source, key: path || 'cluster', message: `expected a section with keys below it.` })
      return
    }
    walk(node, pair => {
      const inner = readPair(pair)
      visit([...above, inner.name], inner.value, inner.source)
    })
  }

  function visit(segments: readonly string[], value: Node | null, source: Source): void {
    const path = pathOf(segments)
    if (isDeprecated(path)) deprecated.push({ key: path, source })
    else if (isSection(path) || isOldSection(path)) walkSection(value, source, segments)
    else if (keys.has(path)) settings.push({ key: path, value: toValue(value), source })
    else problems.push({ source, key: path, message: `unknown key.${suggestKey(path)}` })
  }

  function walk(node: Node, run: (pair: Pair) => void): void {
    if (!isMap(node)) {
      problems.push({
        source: at(node.range?.[0] ?? 0),
        key: null,
        message: 'expected "cluster:" and keys below it.',
      })
      return
    }
    for (const pair of node.items) run(pair)
  }

  function readPair(pair: Pair): { name: string; value: Node | null; source: Source } {
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
    const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
    return { name, value: resolve(document, pair.value), source: at(offset) }
  }

  function toValue(node: Node | null): unknown {
    return node === null ? null : node.toJS(document)
  }
}

/** The node itself, or what an alias stands for; null for an empty value. */
function resolve(document: Document, value: unknown): Node | null {
  if (!isNode(value)) return null
  const node = isAlias(value) ? (value.resolve(document) ?? null) : value
  return isScalar(node) && node.value === null ? null : node
}
