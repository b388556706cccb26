// `mlx-mesh vision`: the optional layer with which models see images. It is installed only when asked for, into the data
// folder, whole or not at all.
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { dataPaths, findDataFolder, makeDataFolder } from '../config/data-folder.ts'
import { parts } from '../config/parts.ts'
import type { ExitCode, Terminal } from './terminal.ts'
import { installLayer, layerAt, removeLayer, type VisionLayer } from './vision-layer.ts'

const again = 'Load models again that are in memory: they see from then on.'

export async function runVision(args: string[], terminal: Terminal): Promise<ExitCode> {
  const options = { json: { type: 'boolean', default: false } } as const
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [order, ...more] = positionals
  if (more.length > 0) throw new CommandError('expected one of install, remove, status.', 2)
  const dataFolder = findDataFolder(terminal.env)
  const layer: VisionLayer = {
    folder: dataPaths(dataFolder).vision,
    python: parts.python,
    lockFile: parts.visionLock,
    env: terminal.env,
  }
  if (order === 'install') {
    makeDataFolder(dataFolder)
    await installLayer(layer, line => terminal.note(`${line}\n`))
  } else if (order === 'remove') removeLayer(layer)
  else if (order !== 'status') throw new CommandError('expected one of install, remove, status.', 2)
  const { state, version } = layerAt(layer)
  if (values.json) terminal.say(`${JSON.stringify({ state, version, folder: layer.folder })}\n`)
  else terminal.say(`${sentenceOf(state, version, layer)}${order === 'install' ? ` ${again}` : ''}\n`)
  return 0
}

function sentenceOf(
  state: ReturnType<typeof layerAt>['state'],
  version: string | null,
  { folder }: VisionLayer,
): string {
  switch (state) {
    case 'installed':
      return `The vision layer is installed: mlx-vlm ${version}, in ${folder}.`
    case 'outdated':
      return `The vision layer is of another version of MLX Mesh (mlx-vlm ${version}): "mlx-mesh vision install" renews it.`
    case 'absent':
      return 'The vision layer is not installed: models on this Mac see no images. "mlx-mesh vision install" installs it.'
  }
}
