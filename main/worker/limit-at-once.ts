import { MeshError } from '../protocol/errors.ts'

export interface LimitAtOnce {
  /** Runs it when its turn has come. Rejects as it does, and with MeshError('OVERLOADED') when too many wait. */
  run<T>(task: () => Promise<T>): Promise<T>
}

/** So many tasks at the same time; the others wait, first come first served. */
export function limitAtOnce(mostRunning: number, mostWaiting: number): LimitAtOnce {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async run(task) {
      if (waiting.length >= mostWaiting)
        throw new MeshError('OVERLOADED', 'Too many Macs copy from this one.')
      if (running >= mostRunning) await new Promise<void>(resolve => waiting.push(resolve))
      else running++
      try {
        return await task()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}
