import { runLoad } from '../load/run-load.ts'
import { type Peer, startPeer } from '../programs/peer.ts'
import { tinyModelFolder } from '../programs/places.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atMost } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { lastingMemoryBytes } from './lasting-memory.ts'
import { loadAndUnload } from './load-unload.ts'

const modelId = 'tiny'
const megabyte = 1e6
const requestsPerPart = 2_000
const loadRounds = 20

/** A peer through its idle time, its first requests, 2,000 more of them, and 20 loads and unloads. */
export function benchMemory(options: BenchOptions): Promise<Report> {
  return withTemporaryFolder(home => measureIn(home, options))
}

async function measureIn(home: string, { quick }: BenchOptions): Promise<Report> {
  const [requests, rounds] = quick ? [200, 2] : [requestsPerPart, loadRounds]
  const peer = await startPeer({
    home,
    place: 'anywhere',
    engine: 'mlx',
    models: { [modelId]: tinyModelFolder },
  })
  const measure = async (what: string) => {
    const bytes = await lastingMemoryBytes(peer.pid)
    process.stderr.write(`${what}: ${Math.round(bytes / megabyte)} MB\n`)
    return bytes
  }
  try {
    const idle = await measure('idle, no model')
    await sendRequests(peer, requests / 2)
    const warm = await measure(`model loaded, after ${requests / 2} requests`)
    await sendRequests(peer, requests)
    const worked = await measure(`after ${requests} more`)
    await loadAndUnload(peer.url, modelId, 2)
    const empty = await measure('unloaded')
    await loadAndUnload(peer.url, modelId, rounds)
    const reloaded = await measure(`after ${rounds} more loads and unloads`)

    const steps: [string, number][] = [
      ['idle, no model', idle],
      [`model loaded, after ${requests / 2} requests`, warm],
      [`after ${requests} more requests`, worked],
      ['model unloaded, after 3 loads', empty],
      [`after ${rounds} more loads and unloads`, reloaded],
    ]
    return {
      notes: [
        'Sum of PSS (shared pages counted once) of the peer, nats-server and the model process; the least of several looks over some seconds, so that garbage not collected yet does not count.',
        'Growth is measured after a first part of the work, which fills caches and lets V8 settle. Requests stream 8 tokens of the tiny model each, 8 at once.',
      ],
      checks: [
        atMost('idle peer without a model, all processes', idle / megabyte, 250, 'MB'),
        atMost(`growth over ${requests} requests`, growthPercent(warm, worked), 5, '%'),
        atMost(`growth over ${rounds} loads and unloads`, growthPercent(empty, reloaded), 5, '%'),
      ],
      tables: [
        {
          title: 'Memory',
          columns: ['', 'MB'],
          rows: steps.map(([what, bytes]) => [what, bytes / megabyte]),
        },
      ],
    }
  } finally {
    await peer.stop()
  }
}

function growthPercent(from: number, to: number): number {
  return (to / from - 1) * 100
}

async function sendRequests(peer: Peer, requests: number): Promise<void> {
  // Few different prompts: what is looked for is a leak, not the prefix cache growing to its budget.
  const bodies = Array.from({ length: 8 }, (_, i) =>
    JSON.stringify({
      model: modelId,
      stream: true,
      temperature: 0,
      max_tokens: 8,
      messages: [{ role: 'user', content: `Prompt ${i}` }],
    }),
  )
  const result = await runLoad({
    url: `${peer.url}/v1/chat/completions`,
    bodies,
    streaming: true,
    connections: bodies.length,
    pace: { type: 'closed' },
    stop: { type: 'count', requests, withinMs: 600_000 },
    expectTokens: null,
    drainMs: 0,
    watchPid: null,
  })
  const complaint = Object.keys(result.errors)[0]
  if (complaint !== undefined) throw new Error(complaint)
}
