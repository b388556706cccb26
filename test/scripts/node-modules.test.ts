import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand } from '../../scripts/setup/run-command.mjs'
import { makeTempFolder } from '../support/temp-folder.ts'

const setup = fileURLToPath(new URL('../../scripts/setup/', import.meta.url))

/** Stands for npm: puts the Node that runs it where the lock file would put Node 24. */
const npm = `
  const { mkdirSync, symlinkSync } = require('node:fs')
  mkdirSync('node_modules/.bin', { recursive: true })
  symlinkSync(process.execPath, 'node_modules/.bin/node')
`

test('packages are made anew by a process that runs on the Node among them', async () => {
  const root = makeTempFolder()
  const bin = join(root, 'node_modules', '.bin')
  mkdirSync(bin, { recursive: true })
  const nodeAmongThem = join(bin, 'node')
  copyFileSync(process.execPath, nodeAmongThem)
  chmodSync(nodeAmongThem, 0o755)
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'npm-cli.js'), npm)
  const program = `
    import { nodeModules } from ${JSON.stringify(join(setup, 'node-modules.mjs'))}
    import { isDone, makeStep } from ${JSON.stringify(join(setup, 'step.mjs'))}
    const step = nodeModules(${JSON.stringify(root)})
    await makeStep(step, 'unused', () => {})
    console.log(isDone(step) ? 'done' : 'not done')
  `
  const env = {
    ...process.env,
    npm_execpath: join(root, 'npm-cli.js'),
    npm_node_execpath: process.execPath,
  }
  const { output } = await runCommand(nodeAmongThem, ['--input-type=module', '-e', program], { env })
  expect(output).toBe('done')
})
