import { fileURLToPath } from 'node:url'
import { startChild } from '../../main/process/child.ts'
import { type Place, placed } from '../programs/cores.ts'
import type { LoadPlan, LoadResult } from './plan.ts'

const program = fileURLToPath(new URL('generate.ts', import.meta.url))
/** For starting and ending the process, on top of what the plan takes. */
const spareMs = 10_000

/** `runLoad` in a process of its own, at its place. Rejects when the process fails or does not end in time. */
export async function startLoad(plan: LoadPlan, place: Place): Promise<LoadResult> {
  const [command, args] = placed(place, process.execPath, [program, JSON.stringify(plan)])
  const child = startChild({ command, args, guarded: true })
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
