// One Python process: starts it, passes its frames and its log on, says why it ended. Knows no requests.

import { type Child, startChild } from '../process/child.ts'
import { readLines } from '../process/lines.ts'
import { faultOf } from '../protocol/json.ts'
import type { Log } from '../telemetry/log.ts'
import { type Frame, parseFrame } from './frames.ts'
import { forwardRuntimeLog } from './runtime-log.ts'
import { holdsVisionLayer } from './vision-layer.ts'

export interface RuntimeOptions {
  readonly pythonBinary: string
  /** The folder that holds the package `mlx_mesh_runtime`. */
  readonly pythonFolder: string
  /** Where the layer for images lies, once it is installed. */
  readonly visionPackages?: string
  /** For debugging only: prompts in the log. */
  readonly logPrompts?: boolean
}

export interface RuntimeProcess {
  readonly pid: number
  /** Sends one command. */
  send(command: Readonly<Record<string, unknown>>): void
  /** Resolves once the process is gone and its last frame has been delivered. */
  readonly ended: Promise<string>
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when the process is gone. */
  stop(graceMs: number): Promise<unknown>
}

export function startRuntime(
  options: RuntimeOptions,
  modelFolder: string,
  log: Log,
  onFrame: (frame: Frame) => void,
): RuntimeProcess {
  const child = startChild({
    command: options.pythonBinary,
    args: ['-m', 'mlx_mesh_runtime', '--model', modelFolder, ...visionArgs(options)],
    cwd: options.pythonFolder,
    env: runtimeEnvironment(options.logPrompts === true),
  })

  const onLine = (line: string) => {
    let frame: Frame
    try {
      frame = parseFrame(line)
    } catch (error) {
      log.error('unreadable frame of a model process', {
        chars: line.length,
        fault: faultOf(error),
      })
      return
    }
    onFrame(frame)
  }
  const stdoutEnded = readLines(child.stdout, onLine)
  const lastWords = forwardRuntimeLog(child.stderr, log)

  return {
    pid: child.pid,
    send: command => {
      child.write(`${JSON.stringify(command)}\n`)
    },
    ended: endOf(child, stdoutEnded, lastWords),
    stop: graceMs => child.stop(graceMs),
  }
}

/** The folder with the layer for images; null: it is not installed. */
export function visionLayerOf({ visionPackages }: RuntimeOptions): string | null {
  return visionPackages !== undefined && holdsVisionLayer(visionPackages) ? visionPackages : null
}

function visionArgs(options: RuntimeOptions): string[] {
  const layer = visionLayerOf(options)
  return layer === null ? [] : ['--vision-packages', layer]
}

/** What the process wrote before it died is still in the pipe when its exit is reported. */
async function endOf(child: Child, stdoutEnded: Promise<void>, lastWords: Promise<string>): Promise<string> {
  const { reason } = await child.exited
  await stdoutEnded
  const words = await lastWords
  return words === '' ? reason : `${reason}: ${words}`
}

/** Only what Python needs: nothing of the owner's secrets. */
function runtimeEnvironment(logPrompts: boolean): NodeJS.ProcessEnv {
  const passed = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL']
  const entries = passed.map(name => [name, process.env[name]]).filter(([, value]) => value !== undefined)
  const prompts = logPrompts ? { MLX_MESH_LOG_PROMPTS: '1' } : {}
  // The Python inside the app is no virtual environment: packages of its user's own would come before ours.
  const own = { PYTHONNOUSERSITE: '1', PYTHONUNBUFFERED: '1', HF_HUB_OFFLINE: '1' }
  return { ...Object.fromEntries(entries), ...prompts, ...own }
}
