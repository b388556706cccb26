#!/usr/bin/env node
// The command `mlx-mesh`, on the Node 24 that set-up brought or on the one that runs this file.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node24Of, runNode24 } from '../scripts/run-node24.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const thisIsNew = Number(process.versions.node.split('.')[0]) >= 24
const node = existsSync(node24Of(root)) ? node24Of(root) : thisIsNew ? process.execPath : undefined

if (node && existsSync(join(root, 'node_modules'))) {
  runNode24(node, [join(root, 'main', 'headless.ts'), ...process.argv.slice(2)])
} else {
  console.error(`MLX Mesh is not set up yet.\n\nWhat to do: run \`npm start\` once in ${root}`)
  process.exit(1)
}
