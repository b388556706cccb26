// `npm run bench -- NAME [--rounds N] [--quick]`
import { parseArgs } from 'node:util'
import { passes } from './report/check.ts'
import { describeBusyMachine, describeMachine } from './report/machine.ts'
import { renderReport } from './report/render.ts'
import type { RunBench, StoredReport } from './report/report.ts'
import { storeReport } from './report/store.ts'

interface Bench {
  readonly summary: string
  readonly rounds: number
  /** Loaded when it is run: each needs other parts to be set up. */
  readonly load: () => Promise<RunBench>
}

const benches: Readonly<Record<string, Bench>> = {
  dashboard: {
    summary: 'how soon an open dashboard hears of an event, and what it costs the gateway',
    rounds: 5,
    load: async () => (await import('./dashboard/bench-dashboard.ts')).benchDashboard,
  },
  runtime: {
    summary: 'the whole path against mlx_lm.server: tokens/s, first token, a late arrival',
    rounds: 3,
    load: async () => (await import('./runtime/bench-runtime.ts')).benchRuntime,
  },
  'first-token': {
    summary: 'what a repeated prompt, and the warm-up, save of the time until the first token',
    rounds: 5,
    load: async () => (await import('./first-token/bench-first-token.ts')).benchFirstToken,
  },
  embeddings: {
    summary: 'embeddings in batches against the same encoder without a mesh',
    rounds: 5,
    load: async () => (await import('./embeddings/bench-embeddings.ts')).benchEmbeddings,
  },
  gateway: {
    summary: 'the gateway against the engine directly, nginx and a bare node:http proxy',
    rounds: 5,
    load: async () => (await import('./gateway/bench-gateway.ts')).benchGateway,
  },
  guided: {
    summary: 'what it costs to hold answers to a JSON schema, and to compile one',
    rounds: 5,
    load: async () => (await import('./guided/bench-guided.ts')).benchGuided,
  },
  ipc: {
    summary: 'CPU a token and time one way between the core and Python',
    rounds: 5,
    load: async () => (await import('./ipc/bench-ipc.ts')).benchIpc,
  },
  memory: {
    summary: 'memory of an idle peer, and its growth over requests and model loads',
    rounds: 1,
    load: async () => (await import('./memory/bench-memory.ts')).benchMemory,
  },
  startup: {
    summary: 'time from the command to the first answer, from the second start on',
    rounds: 5,
    load: async () => (await import('./startup/bench-startup.ts')).benchStartup,
  },
  mesh: {
    summary: 'how fast Macs find each other, what a token costs between them',
    rounds: 5,
    load: async () => (await import('./mesh/bench-mesh.ts')).benchMesh,
  },
  failover: {
    summary: 'the pause of a stream, and what new requests see, when a Mac is lost',
    rounds: 5,
    load: async () => (await import('./failover/bench-failover.ts')).benchFailover,
  },
  scale: {
    summary: 'throughput over the number of Macs, and a mesh of 50 nats-servers',
    rounds: 3,
    load: async () => (await import('./scale/bench-scale.ts')).benchScale,
  },
  desktop: {
    summary: 'from the start of the app to its icon in the menu bar',
    rounds: 5,
    load: async () => (await import('./desktop/bench-desktop.ts')).benchDesktop,
  },
  page: {
    summary: 'the dashboard in Chromium: until it can be used, an event on the screen, frames/s, script size',
    rounds: 5,
    load: async () => (await import('./page/bench-page.ts')).benchPage,
  },
  'side-by-side': {
    summary: 'the mesh beside ollama-herd on the same machines: latency, requests/s, what breaks',
    rounds: 3,
    load: async () => (await import('./side-by-side/bench-side-by-side.ts')).benchSideBySide,
  },
}

// Ends what the exit of this process ends: the programs by the end of their input, temporary folders by name.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
const name = positionals[0] ?? ''
const bench = benches[name]
if (values.help || !bench || positionals.length > 1) {
  showHelp()
  process.exitCode = values.help ? 0 : 2
} else await runBench(name, bench)

async function runBench(name: string, bench: Bench): Promise<void> {
  const quick = values.quick === true
  const rounds = values.rounds === undefined ? (quick ? 1 : bench.rounds) : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a whole number from 1')
  const run = await bench.load()
  const busy = await describeBusyMachine()
  const found = await run({ rounds, quick })
  const report: StoredReport = {
    bench: name,
    command: `npm run bench -- ${name} --rounds ${rounds}${quick ? ' --quick' : ''}`,
    measuredOn: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    ...found,
    notes: [...busy, ...found.notes],
  }
  process.stdout.write(`${renderReport(report)}\n`)
  if (!quick) await storeReport(report)
  process.exitCode = report.checks.every(passes) ? 0 : 1
}

function showHelp(): void {
  const names = Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}\n`)
  process.stdout.write(`npm run bench -- NAME [--rounds N] [--quick]

${names.join('')}
  --rounds N  interleaved repeats, of which the median counts
  --quick     one short round that is shown and not kept: does the benchmark work?

Exits with 1 when a target is missed. Results are kept in bench/results and bench/README.md.
`)
}
