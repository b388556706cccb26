import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { type Catalog, createCatalog, fixedCatalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { createMlxEngine } from './mlx-engine.ts'
import { createModelTypes } from './model-types.ts'
import { parseScript } from './script-text.ts'
import { createScriptedEngine } from './scripted-engine.ts'

export interface EngineParts {
  readonly clock: Clock
  readonly log: Log
  readonly parts: { readonly python: string; readonly pythonPackages: string }
  /** Where the layer for images lies, once it is installed. */
  readonly visionPackages: string
  /** Searched in this order. */
  readonly modelFolders: readonly string[]
  readonly logPrompts: boolean
}

export interface OpenEngine {
  readonly engine: Engine
  readonly catalog: Catalog
  /** Whether it can load models of the kind that their config.json names. */
  readonly knowsModelType: (type: string) => Promise<boolean>
}

/** `mlx` with the models on disk, or `scripted[:script]` with one model of that name. Throws MeshError. */
export function openEngine(kind: string, options: EngineParts): OpenEngine {
  const { clock, log, parts, visionPackages, modelFolders, logPrompts } = options
  const [name, script = ''] = kind.split(':', 2)
  if (name === 'mlx') {
    const engine = createMlxEngine({
      pythonBinary: parts.python,
      pythonFolder: parts.pythonPackages,
      visionPackages,
      logPrompts,
      clock,
      log,
    })
    return {
      engine,
      catalog: createCatalog(modelFolders),
      knowsModelType: createModelTypes(parts.python, visionPackages),
    }
  }
  if (name !== 'scripted') {
    throw new MeshError('INVALID_REQUEST', `--engine ${kind}: there are mlx and scripted.`)
  }
  const parsed = parseScript(script)
  return {
    engine: createScriptedEngine(clock, () => parsed),
    catalog: fixedCatalog([scriptedModel]),
    knowsModelType: async () => false,
  }
}

const scriptedModel = {
  modelId: 'scripted',
  folder: '',
  fingerprint: 'scripted',
  sizeBytes: 1 << 20,
  contextTokens: 32_768,
  hasEyes: true,
  createdAtMs: 0,
}
