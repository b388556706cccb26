import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../load/samples.ts'
import { startPeer } from '../programs/peer.ts'
import { tinyModelFolder } from '../programs/places.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'

const modelId = 'tiny'

interface Start {
  readonly endpointMs: number
  readonly modelMs: number
}

/** Starts a peer again and again on the same data folder; the first start, which draws its identity, does not count. */
export async function benchStartup({ rounds }: BenchOptions): Promise<Report> {
  const home = await mkdtemp(join(tmpdir(), 'mlx-mesh-bench-'))
  const starts: Start[] = []
  try {
    for (let round = 0; round <= rounds; round++) {
      const endpointMs = await timeStart(home, false)
      const withModelMs = await timeStart(home, true)
      if (round > 0) starts.push({ endpointMs, modelMs: withModelMs - endpointMs })
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  const endpoint = median(starts.map(start => start.endpointMs))
  const model = median(starts.map(start => start.modelMs))
  return {
    notes: [
      'From starting the process of `mlx-mesh serve` to its endpoint being announced, with the embedded nats-server; and until the tiny model is loaded, too.',
    ],
    checks: [atMost('a second start is ready after', endpoint / 1e3, 3, 's')],
    tables: [
      {
        title: 'Start, median',
        columns: ['', 'seconds'],
        rows: [
          ['endpoint', endpoint / 1e3],
          ['load of the tiny model (Python, MLX, warm-up)', model / 1e3],
        ],
      },
    ],
  }
}

async function timeStart(home: string, withModel: boolean): Promise<number> {
  const beganMs = performance.now()
  const peer = await startPeer({
    home,
    place: 'anywhere',
    engine: 'mlx',
    models: { [modelId]: tinyModelFolder },
    ...(withModel ? { load: modelId } : {}),
  })
  const tookMs = performance.now() - beganMs
  await peer.stop()
  process.stderr.write(`${withModel ? 'with model' : 'endpoint'}: ${Math.round(tookMs)} ms\n`)
  return tookMs
}
