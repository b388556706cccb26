import { fileURLToPath } from 'node:url'
import { parts } from '../../main/config/parts.ts'
import type { EngineModel } from '../../main/engine/engine.ts'
import { createMlxEngine } from '../../main/engine/mlx-engine.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { median, summarize } from '../load/samples.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report, Table } from '../report/report.ts'
import { type Batch, runBatch } from './measure.ts'

const stubFolder = fileURLToPath(new URL('stub', import.meta.url))

interface Case {
  readonly streams: number
  /** Null: one after the other, without waiting. */
  readonly stepsPerS: number | null
}

/** 340 steps/s of 16 streams are the 5,500 tokens/s that the gateway is measured with, too. */
const cases: readonly Case[] = [
  { streams: 16, stepsPerS: null },
  { streams: 16, stepsPerS: 340 },
  { streams: 16, stepsPerS: 50 },
  { streams: 1, stepsPerS: 340 },
]
const backToBack = 0
const paced = 1
const unpacedStepsPerS = 10_000

interface Outcome {
  readonly pythonUs: number
  readonly nodeUs: number
  readonly oneWayP50Ms: number
  readonly oneWayP95Ms: number
}

/** The real engine room on one side, the real frames on the other, and nothing in between but waiting. */
export async function benchIpc({ rounds, quick }: BenchOptions): Promise<Report> {
  const model = await createMlxEngine({
    pythonBinary: parts.python,
    pythonFolder: stubFolder,
    clock: realClock,
    log: silentLog,
  }).load(
    { modelId: 'stub', folder: '.', fingerprint: '', sizeBytes: 0, contextTokens: 1 << 20, createdAtMs: 0 },
    () => {},
    AbortSignal.timeout(30_000),
  )
  const measured = cases.map((): Outcome[] => [])
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [i, ipcCase] of cases.entries()) {
        const outcome = await measureCase(model, ipcCase, quick ? 1 : 4)
        // The first round warms both sides up.
        if (round > 0) measured[i]?.push(outcome)
      }
    }
  } finally {
    await model.close(5_000)
  }
  const of = (i: number, figure: (outcome: Outcome) => number) => median((measured[i] ?? []).map(figure))
  return {
    notes: [
      'Python: the real reading thread and frame writer around steps that only wait. Node: the real engine room (`main/engine/mlx-engine.ts`) with a reader for each stream. CPU of the same steps in silence is subtracted on both sides. Nothing is pinned.',
      'Back to back is what a token costs; with pauses, each step also wakes two sleeping processes up, which its tokens share.',
      'One way: from the moment at which Python puts a token into a frame to the reader of its stream.',
    ],
    checks: [
      atMost('CPU a token, both processes, 16 streams, steps back to back', of(backToBack, cpuUs), 2, 'µs'),
      atMost(
        'one way, 16 streams, 340 steps/s, p95',
        of(paced, outcome => outcome.oneWayP95Ms),
        1,
        'ms',
      ),
    ],
    tables: [tabulate(of)],
  }
}

async function measureCase(
  model: EngineModel,
  { streams, stepsPerS }: Case,
  seconds: number,
): Promise<Outcome> {
  const batch: Batch = {
    streams,
    steps: (stepsPerS ?? unpacedStepsPerS) * seconds,
    stepMicroseconds: stepsPerS === null ? 0 : Math.round(1e6 / stepsPerS),
    says: true,
  }
  const silent = await runBatch(model, { ...batch, says: false })
  const spoken = await runBatch(model, batch)
  const tokens = streams * batch.steps
  // Back to back, frames wait for their reader: that says nothing of the way.
  const oneWay = stepsPerS === null ? null : summarize(spoken.oneWayUs)
  return {
    pythonUs: (spoken.pythonCpuUs - silent.pythonCpuUs) / tokens,
    nodeUs: (spoken.nodeCpuUs - silent.nodeCpuUs) / tokens,
    oneWayP50Ms: (oneWay?.p50 ?? Number.NaN) / 1e3,
    oneWayP95Ms: (oneWay?.p95 ?? Number.NaN) / 1e3,
  }
}

function cpuUs({ pythonUs, nodeUs }: Outcome): number {
  return pythonUs + nodeUs
}

function tabulate(of: (i: number, figure: (outcome: Outcome) => number) => number): Table {
  return {
    title: 'Cost of a token between the processes',
    columns: ['', 'CPU µs', 'Python', 'Node', 'one way p50 ms', 'p95 ms'],
    rows: cases.map(({ streams, stepsPerS }, i) => [
      `${streams === 1 ? '1 stream' : `${streams} streams`}, ${stepsPerS === null ? 'steps back to back' : `${stepsPerS} steps/s`}`,
      of(i, cpuUs),
      of(i, outcome => outcome.pythonUs),
      of(i, outcome => outcome.nodeUs),
      of(i, outcome => outcome.oneWayP50Ms),
      of(i, outcome => outcome.oneWayP95Ms),
    ]),
  }
}
