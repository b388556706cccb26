import type { EngineModel } from '../../main/engine/engine.ts'
import { monotonicUs } from '../load/clock.ts'

export interface Batch {
  readonly streams: number
  readonly steps: number
  readonly stepMicroseconds: number
  /** False: the same steps, in silence, to know what they cost by themselves. */
  readonly says: boolean
}

export interface BatchResult {
  /** CPU time of both processes from the first step to the last. */
  readonly nodeCpuUs: number
  readonly pythonCpuUs: number
  /** From Python's hands to the reader of the engine's stream, for each token, in microseconds. */
  readonly oneWayUs: readonly number[]
}

/** Runs one batch of the stub runtime and reads all its streams. */
export async function runBatch(model: EngineModel, batch: Batch): Promise<BatchResult> {
  const oneWayUs: number[] = []
  let cpuBefore: NodeJS.CpuUsage | null = null
  let nodeCpuUs = 0
  let pythonCpuUs = 0

  const read = async () => {
    let previous: { text: string; atUs: number } | null = null
    for await (const event of model.generate({ prompt: JSON.stringify(batch) })) {
      if (event.type === 'started') cpuBefore ??= process.cpuUsage()
      if (event.type !== 'tokens') continue
      if (previous) oneWayUs.push(previous.atUs - Number(previous.text))
      previous = { text: event.text, atUs: monotonicUs() }
    }
    pythonCpuUs = Number(previous?.text) / 1e3
  }

  await Promise.all(Array.from({ length: batch.streams }, read))
  if (cpuBefore) {
    const cpu = process.cpuUsage(cpuBefore)
    nodeCpuUs = cpu.user + cpu.system
  }
  return { nodeCpuUs, pythonCpuUs, oneWayUs }
}
