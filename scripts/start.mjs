// `npm start`: makes what is missing, then runs the peer. `--watch` starts it anew whenever its source changes.
import { join } from 'node:path'
import { node24Of, runNode24, watchNode24 } from './run-node24.mjs'
import { prepare, root } from './setup/command.mjs'
import { starterName } from './setup/starter-model.mjs'
import { toStart } from './setup/steps.mjs'

await prepare(toStart(root))
const given = process.argv.slice(2)
const further = given.filter(arg => arg !== '--watch')
const run = given.includes('--watch') ? watchNode24 : runNode24
run(node24Of(root), [join(root, 'main', 'headless.ts'), 'serve', '--load', starterName, ...further], root)
