// The parts on disk: programs, files, folders.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { formatBytes } from '../client/format-bytes.ts'
import { dataPaths } from '../config/data-folder.ts'
import type { Finding } from './finding.ts'

const run = promisify(execFile)
const setUp = 'Run "npm start": it sets up what is missing.'
/** The first import of MLX on a slow disk takes its time. */
const programMs = 120_000
const fewBytes = 2 ** 30
/** A small model and what stays free beside it. */
const fewModelBytes = 5 * 2 ** 30
const starterModelId = 'SmolLM2-135M-Instruct'

export function checkNode(version: string): Finding {
  const major = Number.parseInt(version, 10)
  if (major >= 24) return { status: 'ok', message: version }
  return {
    status: 'fail',
    message: `${version} cannot run MLX Mesh, which needs 24`,
    advice: 'Use "npm start" or "npx mlx-mesh", which bring their own Node.js.',
  }
}

/** Runs the program; its last line is the finding. */
export async function checkProgram(command: string, args: string[]): Promise<Finding> {
  if (!existsSync(command)) return { status: 'fail', message: `${command} is missing`, advice: setUp }
  try {
    const { stdout, stderr } = await run(command, args, { timeout: programMs })
    return { status: 'ok', message: lastLine(stdout) ?? lastLine(stderr) ?? 'runs' }
  } catch (error) {
    const said = error instanceof Error ? (lastLine(error.message) ?? error.message) : String(error)
    return {
      status: 'fail',
      message: `${command} does not run: ${said}`,
      advice: `Remove ${dirname(command)} and run "npm start": it is set up anew.`,
    }
  }
}

export function checkStarterModel(models: string): Finding {
  const folder = join(models, starterModelId)
  const missing = ['config.json', 'model.safetensors', 'tokenizer.json'].filter(
    name => !existsSync(join(folder, name)),
  )
  if (missing.length === 0) return { status: 'ok', message: starterModelId }
  return { status: 'fail', message: `${missing.join(', ')} of ${starterModelId} missing`, advice: setUp }
}

export function checkDataFolder(folder: string): Finding {
  const there = nearestExisting(folder)
  try {
    if (!statSync(there).isDirectory()) throw new Error(`${there} is not a folder`)
    accessSync(there, constants.W_OK)
    const { bavail, bsize } = statfsSync(there)
    const freeBytes = bavail * bsize
    const message = `${folder}, ${formatBytes(freeBytes)} free`
    if (freeBytes > fewBytes) return { status: 'ok', message }
    return { status: 'warn', message, advice: 'Make room: logs and history stop when the disk is full.' }
  } catch (error) {
    return {
      status: 'fail',
      message: error instanceof Error ? error.message : String(error),
      advice: 'Make it writable, or set MLX_MESH_HOME to another folder.',
    }
  }
}

/** Where copies and downloads go. */
export function checkModelRoom(dataFolder: string): Finding {
  try {
    const { bavail, bsize } = statfsSync(nearestExisting(dataPaths(dataFolder).models))
    const freeBytes = bavail * bsize
    const message = `${formatBytes(freeBytes)} free`
    if (freeBytes > fewModelBytes) return { status: 'ok', message }
    return {
      status: 'warn',
      message,
      advice: 'Few models fit: make room, or remove models that you do not use.',
    }
  } catch (error) {
    return { status: 'warn', message: error instanceof Error ? error.message : String(error) }
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder))
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined
}
