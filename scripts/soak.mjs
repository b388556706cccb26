// `npm run soak -- --minutes M`: makes what is missing, then lets faults happen to a mesh under load.
import { join } from 'node:path'
import { node24Of, runNode24 } from './run-node24.mjs'
import { prepare, root } from './setup/command.mjs'
import { toTest } from './setup/steps.mjs'

await prepare(toTest(root))
runNode24(node24Of(root), [join(root, 'test', 'soak', 'main.ts'), ...process.argv.slice(2)], root)
