import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicUs } from './clock.ts'
import { meterCpu } from './cpu-meter.ts'
import type { LoadPlan, LoadResult } from './plan.ts'
import { Sender } from './sender.ts'
import { Tally } from './tally.ts'

/**
 * Sends what the plan says and measures the answers. Takes the plan's time plus `drainMs` at the longest; `signal` ends a
 * run of a number of requests early, and closes its connections.
 */
export async function runLoad(plan: LoadPlan, signal?: AbortSignal): Promise<LoadResult> {
  const { stop } = plan
  const warmupMs = stop.type === 'time' ? stop.warmupMs : 0
  const lengthMs = stop.type === 'time' ? warmupMs + stop.measureMs : stop.withinMs
  const startUs = monotonicUs()
  const untilUs = startUs + lengthMs * 1e3
  const tally = new Tally(startUs + warmupMs * 1e3, untilUs)
  const sender = new Sender(plan, tally)
  const limit = stop.type === 'count' ? stop.requests : Number.POSITIVE_INFINITY
  const goesOn = () => sender.sent < limit && monotonicUs() < untilUs
  const readCpu = meterCpu(warmupMs, plan.watchPid)

  if (plan.pace.type === 'open') await sendAtRate(sender, plan.pace.requestsPerS, startUs, goesOn)
  else await sendOnAnswer(sender, plan.connections, untilUs, goesOn, stop.type === 'time')
  if (stop.type === 'count') await sender.finish(stop.withinMs, signal)
  const cpu = readCpu()
  if (stop.type === 'time') await sender.finish(plan.drainMs)
  else tally.endWithLast()
  return tally.result(stop.type === 'count', cpu)
}

/** Closed loop: one request for each connection, and the next one when its answer is here. */
async function sendOnAnswer(
  sender: Sender,
  connections: number,
  untilUs: number,
  goesOn: () => boolean,
  wait: boolean,
): Promise<void> {
  sender.sendsOn = goesOn
  for (let i = 0; i < connections && goesOn(); i++) sender.request(monotonicUs())
  if (wait) await sleep((untilUs - monotonicUs()) / 1e3)
}

const napMs = 0.05
const napCell = new Int32Array(new SharedArrayBuffer(4))

/**
 * Open loop. Node's timers are no finer than a millisecond, which would be the largest part of what is measured; so
 * the thread sleeps 50 µs at a time between looks at its connections, and leaves the core to others meanwhile.
 */
async function sendAtRate(
  sender: Sender,
  requestsPerS: number,
  startUs: number,
  goesOn: () => boolean,
): Promise<void> {
  let due = 0
  while (goesOn()) {
    const now = monotonicUs()
    for (;;) {
      const dueUs = startUs + (due / requestsPerS) * 1e6
      if (dueUs > now || !goesOn()) break
      sender.request(dueUs)
      due++
    }
    Atomics.wait(napCell, 0, 0, napMs)
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}
