// The Python inside the app: a build that runs from wherever it lies, with the locked wheels for macOS. Everything but its
// own first start happens on any system.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockFile, pipInstall } from '../setup/pip.mjs'
import { pythonOf } from '../setup/python-environment.mjs'
import { mustRun, runCommand } from '../setup/run-command.mjs'
import { SetUpError } from '../setup/set-up-error.mjs'

/** @typedef {{ version: string, url: string, sha256: string }} Build */

/** https://github.com/astral-sh/python-build-standalone; the hash is the one that uv 0.13.9 holds it to. @type {Build} */
const build = {
  version: '3.13.18',
  url: 'https://github.com/astral-sh/python-build-standalone/releases/download/20261110/cpython-3.13.18%2B20261110-aarch64-apple-darwin-install_only_stripped.tar.gz',
  sha256: '7a2384641584ab9984221fcb0fc9265df465922af71be71410529e2a9c3f0540',
}

/** What the app promises to run on. Without it pip would take wheels for the builder's own, newer macOS. */
const platform = 'macosx_14_0_arm64'

/** Development and user interfaces, and pip: an app's Python is not added to. */
const unused = ['ensurepip', 'idlelib', 'lib2to3', 'tkinter', 'turtledemo', 'test', 'site-packages']

/** @param {string} root */
export const standaloneOf = root => join(root, 'resources', 'runtime', 'python-mac')

/** @param {string} root @param {Build} [from] @returns {import('../setup/step.mjs').Step} */
export function standalonePython(root, from = build) {
  const locked = lockFile(root, 'requirements.txt')
  const chooser = join(root, 'python', 'wheels_for_mac.py')
  return {
    name: 'Python with MLX for the app',
    folder: standaloneOf(root),
    proof: 'bin/python',
    inputs: () => [locked.content(), readFileSync(chooser), JSON.stringify(from), platform],
    async make(folder, report) {
      report('Downloading Python')
      await unpackPython(from, folder)
      const [major, minor] = from.version.split('.')
      const name = `python${major}.${minor}`
      keepOnly(folder, name)
      const target = join(folder, 'lib', name, 'site-packages')
      await installWheels(pythonOf(root), [chooser, locked.path, from.version], target, report)
      if (process.platform === 'darwin') await tryOut(folder, report)
      await refuseOwnPath(folder)
    },
  }
}

/** @param {Build} from @param {string} folder */
export async function unpackPython({ url, sha256 }, folder) {
  const archive = join(folder, 'python.tar.gz')
  await mustRun('curl', ['-fsSL', '--retry', '3', '--output', archive, url], {
    remedy: 'Connect to the network and run it again. Behind a proxy: set HTTPS_PROXY.',
  })
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex')
  if (found !== sha256)
    throw new SetUpError(
      `${url}\n  has the SHA-256 ${found}\n  instead of ${sha256}.`,
      'Do not use it. Run it again; if it stays so, somebody has exchanged that file: please report it.',
    )
  await mustRun('tar', ['-xzf', archive, '-C', folder, '--strip-components', '1'], {
    remedy: 'There may be no room left on this disk.',
  })
  rmSync(archive)
}

/** @param {string} folder @param {string} name `python3.13` */
export function keepOnly(folder, name) {
  const bin = join(folder, 'bin')
  const library = join(folder, 'lib', name)
  for (const program of readdirSync(bin)) if (program !== name) rmSync(join(bin, program))
  for (const link of ['python', 'python3']) symlinkSync(name, join(bin, link))
  for (const part of ['include', 'share']) rmSync(join(folder, part), { recursive: true, force: true })
  for (const part of unused) rmSync(join(library, part), { recursive: true, force: true })
  for (const part of readdirSync(join(folder, 'lib')))
    if (/^(lib)?(tcl|tk|itcl|thread|pkgconfig)/.test(part))
      rmSync(join(folder, 'lib', part), { recursive: true })
}

/**
 * @param {string} python the one whose pip does it
 * @param {readonly [program: string, lockFile: string, version: string]} choose
 * @param {string} target @param {(line: string) => void} report
 */
async function installWheels(python, choose, target, report) {
  const wheels = await mustRun(python, ['-I', ...choose], {
    remedy: 'The lock file of Python cannot be read: see the lines above.',
  })
  mkdirSync(target)
  const chosen = join(target, 'chosen.txt')
  writeFileSync(chosen, wheels)
  const version = choose[2].split('.').slice(0, 2).join('.')
  const foreign = ['--platform', platform, '--implementation', 'cp', '--python-version', version]
  // Its hash says which file a package is, so nothing is left for pip to judge.
  const flags = ['--no-deps', '--ignore-requires-python', '--no-compile', '--target', target, ...foreign]
  await pipInstall(python, chosen, { flags, report })
  rmSync(chosen)
  // Scripts begin with the path of the Python that installed them.
  rmSync(join(target, 'bin'), { recursive: true, force: true })
}

/** @param {string} folder @param {(line: string) => void} report */
async function tryOut(folder, report) {
  const python = join(folder, 'bin', 'python')
  report('Compiling')
  await compile(python, join(folder, 'lib'), folder)
  report('Importing MLX')
  const program = 'import mlx.core as mx, mlx_lm; mx.eval(mx.ones(2) + 1)'
  await mustRun(python, ['-I', '-c', program], {
    remedy: 'The Python of the app does not run on this Mac: it needs Apple silicon and macOS 14 or later.',
  })
}

/** What knows where it was made would look there on the Mac of its user. @param {string} folder */
export async function refuseOwnPath(folder) {
  const { ok, output } = await runCommand('grep', ['-rlF', '--', folder, folder])
  if (!ok) return
  throw new SetUpError(
    `These files hold the path ${folder}:\n  ${output.split('\n').slice(0, 10).join('\n  ')}`,
    'This is a fault of MLX Mesh: please report it with the lines above.',
  )
}

/**
 * Beside each module its bytecode, which is used without a look at the source: a Python that wrote it into the signed app
 * later would break the signature. Some packages carry templates that are no Python: those are left out.
 * @param {string} python @param {string} folder @param {string} hidden the beginning of paths that the app does not have
 */
export async function compile(python, folder, hidden) {
  const flags = ['-q', '-j', '0', '--invalidation-mode', 'unchecked-hash', '-s', hidden]
  await runCommand(python, ['-I', '-m', 'compileall', ...flags, folder])
}
