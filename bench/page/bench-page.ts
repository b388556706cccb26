// The dashboard as people meet it: a real Chromium, a mesh of ten Macs, and 10,000 requests of history.
import { type Browser, chromium } from 'playwright-core'
import { chromiumArguments, chromiumProgram } from '../../test/support/chromium-program.ts'
import { cannedMeshes } from '../../test/views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../../test/views/canned-peer.ts'
import { median, summarize } from '../load/samples.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atLeast, atMost } from '../report/check.ts'
import type { BenchOptions, Report, Table } from '../report/report.ts'
import { timeEvents } from './event-delay.ts'
import { type Frames, watchFrames } from './frames.ts'
import { startRealPeer, timeOrders } from './real-peer.ts'
import { initialScriptKB } from './script-size.ts'
import { timeStart } from './start.ts'

const requestsOfHistory = 10_000
const updatesPerSecond = 100

const notes = [
  'Chromium without a graphics card, on the same cores as the peer that it looks at and the sender of the events. The canned peer answers as a peer does, and runs no models; the real one has a scripted engine and is told over HTTP to pause and to share, which goes over its bus, its worker and its heartbeat.',
  `Ten canned Macs, or one real, and ${requestsOfHistory.toLocaleString('en')} requests of history. A start is a new window with an empty cache, from the navigation until a click on the figures and on each Mac of the picture would reach it.`,
  'An event is on the screen at the end of the frame that draws it; its time began before it was sent.',
  `${updatesPerSecond} updates a second are Macs that say how they are, requests that come further, and figures of the whole; frames are compared with those of the same page when nothing happens, in the same round.`,
]

interface Round {
  readonly startMs: readonly number[]
  readonly realStartMs: readonly number[]
  readonly ordersMs: readonly number[]
  readonly delaysMs: readonly number[]
  readonly idle: Frames
  readonly busy: Frames
}

export async function benchPage({ rounds, quick }: BenchOptions): Promise<Report> {
  if (chromiumProgram === undefined) throw new Error('there is no Chromium on this machine: install one')
  const peer = await openCannedPeer({ workers: cannedMeshes.ten, requests: requestsOfHistory })
  const browser = await chromium.launch({ executablePath: chromiumProgram, args: chromiumArguments })
  try {
    return await withTemporaryFolder(async home => {
      const real = await startRealPeer(home, requestsOfHistory)
      try {
        const done: Round[] = []
        for (let round = 1; round <= rounds; round++) {
          done.push(await measure(browser, peer, real.url, quick))
          process.stderr.write(`round ${round} of ${rounds}\n`)
        }
        return report(done, await initialScriptKB())
      } finally {
        await real.stop()
      }
    })
  } finally {
    await browser.close()
    await peer.close()
  }
}

async function measure(browser: Browser, peer: CannedPeer, realUrl: string, quick: boolean): Promise<Round> {
  const startMs: number[] = []
  const realStartMs: number[] = []
  for (let load = 0; load < (quick ? 2 : 5); load++) {
    startMs.push(await timeStart(browser, peer.url))
    realStartMs.push(await timeStart(browser, realUrl))
  }
  const delaysMs = await timeEvents(browser, peer, quick ? 30 : 100)
  const ordersMs = await timeOrders(browser, realUrl, quick ? 6 : 20)
  const forMs = quick ? 2000 : 6000
  const idle = await watchFrames(browser, peer, { updatesPerSecond: 0, forMs })
  const busy = await watchFrames(browser, peer, { updatesPerSecond, forMs })
  return { startMs, realStartMs, delaysMs, ordersMs, idle, busy }
}

function report(rounds: readonly Round[], scriptKB: number): Report {
  const all = (which: 'startMs' | 'realStartMs' | 'delaysMs' | 'ordersMs') =>
    rounds.flatMap(round => round[which])
  const p95 = (values: readonly number[]) => summarize(values)?.p95 ?? Number.NaN
  const framesOf = (which: 'idle' | 'busy') => median(rounds.map(round => round[which].perSecond))
  const kept = median(rounds.map(({ idle, busy }) => busy.perSecond / idle.perSecond))
  return {
    notes,
    checks: [
      atMost('interactive after, ten canned Macs, median', median(all('startMs')) / 1000, 1, 's'),
      atMost('interactive after, a real peer, median', median(all('realStartMs')) / 1000, 1, 's'),
      atMost('an event is on the screen after, p95', p95(all('delaysMs')), 200, 'ms'),
      atMost('what a real Mac was told is on the screen after, p95', p95(all('ordersMs')), 200, 'ms'),
      atLeast('frames at 100 updates/s, of those of an idle page', 100 * kept, 95, '%'),
      atMost('initial script, gzip', scriptKB, 250, 'kB'),
    ],
    tables: [
      {
        title: 'Start and events',
        columns: ['', 'p50', 'p95', 'worst'],
        rows: [
          spread('interactive, ten canned Macs, ms', all('startMs')),
          spread('interactive, a real peer, ms', all('realStartMs')),
          spread('an event on the screen, ms', all('delaysMs')),
          spread('a real Mac told to pause or share, ms', all('ordersMs')),
        ],
      },
      framesTable(rounds, framesOf),
    ],
  }
}

function spread(name: string, values: readonly number[]): (string | number | null)[] {
  const found = summarize(values)
  return [name, found?.p50 ?? null, found?.p95 ?? null, found?.max ?? null]
}

function framesTable(rounds: readonly Round[], framesOf: (which: 'idle' | 'busy') => number): Table {
  const row = (name: string, which: 'idle' | 'busy') => [
    name,
    framesOf(which),
    median(rounds.map(round => round[which].p95Ms)),
    median(rounds.map(round => round[which].longTasks)),
    median(rounds.map(round => round[which].longTaskMs)),
  ]
  return {
    title: 'Frames, median of the rounds',
    columns: ['', 'frames/s', 'between two, p95 ms', 'long tasks', 'of them, ms'],
    rows: [row('nothing happens', 'idle'), row(`${updatesPerSecond} updates/s`, 'busy')],
  }
}
