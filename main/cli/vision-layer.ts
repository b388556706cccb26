// Installs the layer for images with pip, as its user has configured it, but never anything that no hash vouches for.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CommandError } from '../client/command-error.ts'
import { startChild } from '../process/child.ts'
import { readLines } from '../process/lines.ts'

export interface VisionLayer {
  readonly folder: string
  readonly python: string
  /** Requirements with hashes. */
  readonly lockFile: string
  /** For pip: where its user gets packages from. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Written last: which lock it was made from. */
const stampName = 'layer.txt'
const pipFlags = [
  '--no-deps',
  '--require-hashes',
  '--only-binary',
  ':all:',
  '--no-user',
  '--disable-pip-version-check',
  '--progress-bar',
  'off',
  '--no-input',
]
const tellsProgress = /^(Collecting|Downloading|Installing|Successfully)/

export function layerAt({ folder, lockFile }: VisionLayer) {
  const version = readdirSafely(folder)
    .map(name => /^mlx_vlm-(.+)\.dist-info$/.exec(name)?.[1])
    .find(Boolean)
  if (version === undefined || !existsSync(join(folder, 'mlx_vlm', '__init__.py')))
    return { state: 'absent', version: null } as const
  const isOfThisLock = readSafely(join(folder, stampName)) === stampOf(lockFile)
  return { state: isOfThisLock ? 'installed' : 'outdated', version } as const
}

/** Until its end there is what was there before. Throws CommandError. */
export async function installLayer(layer: VisionLayer, report: (line: string) => void): Promise<void> {
  await checkPython(layer)
  const { folder, lockFile } = layer
  removeLeftovers(folder)
  const draft = `${folder}.${process.pid}.tmp`
  try {
    mkdirSync(draft, { mode: 0o700 })
    const install = ['-m', 'pip', 'install', ...pipFlags, '--target', draft, '-r', lockFile]
    const installed = await run(layer, install, line => {
      if (tellsProgress.test(line)) report(line)
    })
    if (!installed.ok) throw new CommandError(whyNot(installed.lines))
    const look = 'import sys; sys.path.append(sys.argv[1]); import PIL.Image, mlx_vlm.utils'
    const tried = await run(layer, ['-c', look, draft])
    if (!tried.ok)
      throw new CommandError(`the vision layer does not run on this machine: ${tried.lines.at(-1) ?? ''}`)
    writeFileSync(join(draft, stampName), stampOf(lockFile))
    removeLayer(layer)
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Models that have it in memory keep what they have. */
export function removeLayer({ folder }: VisionLayer): void {
  const gone = `${folder}.${process.pid}.gone.tmp`
  if (!existsSync(folder)) return
  renameSync(folder, gone)
  rmSync(gone, { recursive: true, force: true })
}

async function checkPython(layer: VisionLayer): Promise<void> {
  const { python, lockFile } = layer
  if (!existsSync(python))
    throw new CommandError('the Python of MLX Mesh is not there: set up MLX Mesh first.')
  if (!existsSync(lockFile)) throw new CommandError(`${lockFile} is missing: install MLX Mesh again.`)
  const version = 'import sys; sys.exit(sys.version_info < (3, 11))'
  if (!(await run(layer, ['-c', version])).ok)
    throw new CommandError(
      'the vision layer needs Python 3.11 or newer, and MLX Mesh runs on an older one here.',
    )
  if (!(await run(layer, ['-m', 'pip', '--version'])).ok)
    throw new CommandError(
      'the Python inside the packaged app has no pip to install packages with. For now images need MLX Mesh started from its source ("npm start").',
    )
}

function whyNot(lines: readonly string[]): string {
  const errors = lines
    .filter(line => line.startsWith('ERROR:'))
    .map(line => line.slice('ERROR:'.length).trim())
  const why = errors.at(-1) ?? lines.at(-1) ?? 'it says nothing'
  return `pip could not install the vision layer: ${why}\nWithout a network: connect and run it again. Behind a proxy or a mirror: "pip config set …". Nothing was changed.`
}

/** Of installs whose process was killed. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSafely(dirname(folder))) {
    const pid = name.startsWith(`${basename(folder)}.`) ? /\.(\d+)(\.gone)?\.tmp$/.exec(name)?.[1] : undefined
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
}

async function run(
  { python, env }: VisionLayer,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
) {
  const lines: string[] = []
  const take = (line: string) => {
    lines.push(line)
    onLine(line)
  }
  // Guarded: it ends with us, also when we are killed.
  const child = startChild({
    command: python,
    args,
    env: { ...env, PYTHONNOUSERSITE: '1' },
    guarded: true,
  })
  const ends = [readLines(child.stdout, take), readLines(child.stderr, take)]
  const { code, reason } = await child.exited
  await Promise.all(ends)
  return { ok: code === 0, lines: lines.length > 0 ? lines : [reason] }
}

function stampOf(lockFile: string): string {
  return `${createHash('sha256').update(readFileSync(lockFile)).digest('hex')}\n`
}

function readSafely(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function readdirSafely(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
