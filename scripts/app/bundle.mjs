// Bundles the app: each door becomes one CommonJS file with everything inlined but Electron and what Node.js brings.
// `node scripts/app/bundle.mjs FOLDER`
import { builtinModules } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The shell must run in older Electrons, too, whose Node.js is 16; the core never runs below Node 24. */
export const doors = [
  { name: 'main', entry: 'main/app.ts', target: 'node16' },
  { name: 'core', entry: 'main/headless.ts', target: 'node24' },
  { name: 'preload', entry: 'preload/preload.ts', target: 'node16' },
]

/** @param {string} folder */
export async function bundleApp(folder) {
  for (const { name, entry, target } of doors) await bundle(join(root, entry), name, target, folder)
}

/** @param {string} entry @param {string} name @param {string} target @param {string} folder */
export async function bundle(entry, name, target, folder) {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        input: { [name]: entry },
        external: ['electron', ...builtinModules, /^node:/],
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  })
}

const [folder] = process.argv.slice(2)
if (process.argv[1] === fileURLToPath(import.meta.url) && folder) await bundleApp(resolve(folder))
