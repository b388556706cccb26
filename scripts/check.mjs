// `npm run check`: the static checks alone, for the time while one writes.
import { runChecks } from './run-checks.mjs'
import { prepare, root } from './setup/command.mjs'
import { toCheck } from './setup/steps.mjs'
import { closingLine, total } from './tally.mjs'

await prepare(toCheck(root))
const tallies = await runChecks(root)
console.log(`\n${closingLine(tallies)}`)
process.exitCode = total(tallies).failed > 0 ? 1 : 0
