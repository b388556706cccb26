import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../../main/process/child.ts'
import type { Machine } from '../../test/machines/machine.ts'
import { type Place, placed } from '../programs/cores.ts'
import type { LoadPlan, LoadResult } from './plan.ts'

const program = fileURLToPath(new URL('generate.ts', import.meta.url))
/** For starting and ending the process, on top of what the plan takes. */
const spareMs = 10_000

/** `runLoad` in a process of its own, at its place. Rejects when the process fails or does not end in time. */
export function startLoad(plan: LoadPlan, place: Place): Promise<LoadResult> {
  const [command, args] = placed(place, process.execPath, argsOf(plan))
  return resultOf(startChild({ command, args, guarded: true }), plan)
}

/** The same on a machine of a test network, as an app on it. */
export function startLoadOn(machine: Machine, plan: LoadPlan): Promise<LoadResult> {
  return resultOf(machine.run({ command: process.execPath, args: argsOf(plan) }), plan)
}

function argsOf(plan: LoadPlan): string[] {
  return [program, JSON.stringify(plan)]
}

async function resultOf(child: Child, plan: LoadPlan): Promise<LoadResult> {
  const timer = setTimeout(() => child.stop(0), longestMs(plan) + spareMs)
  let [output, complaints] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const ended = new Promise(resolve => child.stdout.on('close', resolve))
  const exit = await child.exited
  await ended
  clearTimeout(timer)
  if (exit.code !== 0) throw new Error(`the load generator ${exit.reason}\n${complaints}`)
  const result: LoadResult = JSON.parse(output)
  return result
}

function longestMs({ stop, drainMs }: LoadPlan): number {
  return stop.type === 'time' ? stop.warmupMs + stop.measureMs + drainMs : stop.withinMs
}
