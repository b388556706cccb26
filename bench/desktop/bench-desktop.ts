import { join } from 'node:path'
import { electronOf } from '../../scripts/setup/electron.mjs'
import { openDisplay } from '../../test/desktop/support/display.ts'
import { median } from '../load/samples.ts'
import { repository } from '../programs/places.ts'
import { startProgram } from '../programs/program.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'

const readyWithinMs = 60_000

/** The app's start again and again on the same data folder; the first one, which draws keys, does not count. */
export async function benchDesktop({ rounds }: BenchOptions): Promise<Report> {
  const electron = electronOf(repository)
  if (electron === null) throw new Error('there is no Electron on this machine')
  const display = await openDisplay()
  try {
    const starts = await withTemporaryFolder(home => timeStarts(electron, home, display.name, rounds))
    const tray = median(starts) / 1e3
    return {
      notes: ['From the start of Electron, without the check of the set-up, to the icon with its menu.'],
      checks: [atMost('the icon is in the menu bar after', tray, 1.5, 's')],
      tables: [
        { title: 'Start of the app, median', columns: ['', 'seconds'], rows: [['icon and menu', tray]] },
      ],
    }
  } finally {
    await display.close()
  }
}

async function timeStarts(
  electron: string,
  home: string,
  display: string | null,
  rounds: number,
): Promise<number[]> {
  const starts: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const beganMs = performance.now()
    const program = await startProgram({
      name: 'the app',
      command: electron,
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        join(repository, 'resources', 'runtime', 'app', 'main.cjs'),
        '--',
        ...['--engine', 'scripted'],
      ],
      place: 'anywhere',
      env: {
        MLX_MESH_HOME: home,
        MLX_MESH_MODE: 'standalone',
        MLX_MESH_PORT: '0',
        ...(display === null ? {} : { DISPLAY: display }),
      },
      ready: /is in the menu bar/,
      readyWithinMs,
    })
    const tookMs = performance.now() - beganMs
    process.stderr.write(`start ${round + 1}: ${Math.round(tookMs)} ms\n`)
    if (round > 0) starts.push(tookMs)
    await program.stop()
  }
  return starts
}
