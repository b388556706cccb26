// Whose work the app carries, and under which licence: read from the packages themselves.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @typedef {{ name: string, version: string, licence: string, text: string }} Part */

const sourceFolders = ['main', 'preload', 'renderer']
const licenceFile = /^(licen[cs]e|copying|notice)/i

/**
 * The npm packages that source code names, and all that they need: a little more than the bundles hold, never less.
 * @param {string} root @returns {Part[]}
 */
export function npmParts(root) {
  /** @type {Map<string, Part>} */
  const found = new Map()
  const waiting = [...importedPackages(root)].map(name => ({ name, from: root }))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const folder = findPackage(next.name, next.from)
    if (folder === null || found.has(folder)) continue
    const {
      name,
      version,
      license,
      dependencies = {},
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const licence = typeof license === 'string' ? license : (license?.type ?? 'unknown')
    found.set(folder, { name, version, licence, text: textsIn(folder) })
    waiting.push(...Object.keys(dependencies).map(dependency => ({ name: dependency, from: folder })))
  }
  return [...found.values()]
}

/** @param {string} sitePackages @returns {Part[]} */
export function pythonParts(sitePackages) {
  return readdirSync(sitePackages)
    .filter(name => name.endsWith('.dist-info'))
    .map(name => {
      const folder = join(sitePackages, name)
      const metadata = readFileSync(join(folder, 'METADATA'), 'utf8')
      const head = metadata.slice(0, metadata.indexOf('\n\n'))
      const field = (/** @type {string} */ key) =>
        new RegExp(`^${key}: (.+)$`, 'm').exec(head)?.[1] ?? undefined
      const classified = [...head.matchAll(/^Classifier: License :: OSI Approved :: (.+)$/gm)].map(
        ([, it]) => it,
      )
      return {
        name: field('Name') ?? name,
        version: field('Version') ?? '',
        licence: field('License-Expression') ?? (classified.join(', ') || (field('License') ?? 'unknown')),
        text: [folder, join(folder, 'licenses')].map(textsIn).filter(Boolean).join('\n\n'),
      }
    })
}

/** @param {string} python the folder of a Python */
export function sitePackagesOf(python) {
  const library = readdirSync(join(python, 'lib')).find(name => name.startsWith('python3.'))
  return join(python, 'lib', library ?? 'python3', 'site-packages')
}

/** Programs and weights that come as they are. @param {string} root @returns {Part[]} */
export function otherParts(root) {
  const apache = 'https://www.apache.org/licenses/LICENSE-2.0'
  return [
    { name: 'nats-server', version: '', licence: 'Apache-2.0', text: apache },
    { name: 'SmolLM2-135M-Instruct (weights)', version: '', licence: 'Apache-2.0', text: apache },
    { name: 'CPython', version: '', licence: 'PSF-2.0', text: 'https://docs.python.org/3/license.html' },
    {
      name: 'Electron',
      version: '',
      licence: 'MIT',
      text: `${textsIn(join(root, 'node_modules', 'electron'))}\nWhat its Chromium and its Node.js carry: LICENSES.chromium.html, beside this file.`,
    },
  ]
}

/** @param {readonly Part[]} parts */
export function writeNotices(parts) {
  const sorted = [...parts].sort((a, b) => a.name.localeCompare(b.name))
  const sections = sorted.map(({ name, version, licence, text }) =>
    [`${name} ${version}`.trim(), `Licence: ${licence}`, '', text.trim()].join('\n').trim(),
  )
  const line = `\n\n${'-'.repeat(78)}\n\n`
  return `MLX Mesh carries the work of others, with thanks:\n\n${sections.join(line)}\n`
}

/** @param {string} root @returns {Set<string>} */
function importedPackages(root) {
  const names = new Set()
  for (const folder of sourceFolders)
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(tsx?|css)$/.test(file) || /\.config\.ts$/.test(file)) continue
      const text = readFileSync(join(root, folder, file), 'utf8')
      for (const [, name] of text.matchAll(/(?:from|import)\s*\(?\s*['"]((?:@[\w.-]+\/)?[\w.-]+)[^'"]*['"]/g))
        if (name && !name.startsWith('.') && name !== 'electron') names.add(name)
    }
  return names
}

/** As Node.js looks for it: in the node_modules of each folder upwards. @param {string} name @param {string} from */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (dirname(folder) === folder) return null
  }
}

/** @param {string} folder */
function textsIn(folder) {
  if (!existsSync(folder)) return ''
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile() && licenceFile.test(entry.name))
    .map(entry => readFileSync(join(folder, entry.name), 'utf8').trim())
    .join('\n\n')
}
