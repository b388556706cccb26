// The load generator as a program of its own, so that it can have a core of its own: a plan as JSON in, a result out.
import type { LoadPlan } from './plan.ts'
import { runLoad } from './run-load.ts'

const [text] = process.argv.slice(2)
if (text === undefined) throw new Error('usage: node bench/load/generate.ts PLAN')
const plan: LoadPlan = JSON.parse(text)
process.stdout.write(`${JSON.stringify(await runLoad(plan))}\n`)
