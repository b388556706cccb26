import { median } from '../load/samples.ts'
import { repository } from '../programs/places.ts'
import { startProgram } from '../programs/program.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'

interface Start {
  /** Until the starter model answers. */
  readonly totalMs: number
  /** Of which for loading it. */
  readonly loadMs: number
}

const readyWithinMs = 120_000

/** `npm start` again and again on the same data folder; the first one, which draws an identity, does not count. */
export async function benchStartup({ rounds }: BenchOptions): Promise<Report> {
  const starts = await withTemporaryFolder(home => timeStarts(home, rounds))
  const beforeLoad = median(starts.map(({ totalMs, loadMs }) => totalMs - loadMs)) / 1e3
  const load = median(starts.map(({ loadMs }) => loadMs)) / 1e3
  return {
    notes: ['From `npm start` to the word that the starter model is ready, its load time taken off.'],
    checks: [atMost('a second start is ready after, without the load of the model', beforeLoad, 3, 's')],
    tables: [
      {
        title: 'Start, median',
        columns: ['', 'seconds'],
        rows: [
          ['npm, check of the set-up, nats-server, endpoint', beforeLoad],
          ['load of the starter model (Python, MLX, warm-up)', load],
        ],
      },
    ],
  }
}

async function timeStarts(home: string, rounds: number): Promise<Start[]> {
  const starts: Start[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = await timeStart(home)
    process.stderr.write(
      `start ${round + 1}: ${Math.round(start.totalMs)} ms, ${start.loadMs} of them for the model\n`,
    )
    if (round > 0) starts.push(start)
  }
  return starts
}

async function timeStart(home: string): Promise<Start> {
  const beganMs = performance.now()
  const program = await startProgram({
    name: 'npm start',
    command: 'npm',
    args: ['start', '--', '--port', '0', '--json'],
    place: 'anywhere',
    cwd: repository,
    env: { MLX_MESH_HOME: home },
    ready: /"event":"ready".*"tookMs":(\d+)/,
    readyWithinMs,
  })
  const totalMs = performance.now() - beganMs
  await program.stop()
  return { totalMs, loadMs: Number(program.matched[0]) }
}
