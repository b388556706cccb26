import { fileURLToPath } from 'node:url'
import { startLoad } from '../load/start-load.ts'
import { startProgram } from '../programs/program.ts'

const upstream = fileURLToPath(new URL('../programs/upstream.ts', import.meta.url))

/** What the load generator itself can do with a core, as a note for the report. */
export async function measureGeneratorLimit(measureMs: number): Promise<string> {
  const server = await startProgram({
    name: 'upstream',
    command: process.execPath,
    args: [upstream],
    place: 'under-test',
    ready: /^port (\d+)$/,
    readyWithinMs: 10_000,
  })
  try {
    const { requestsPerS, generatorCpuShare } = await startLoad(
      {
        url: `http://127.0.0.1:${server.matched[0]}/v1/chat/completions`,
        bodies: [JSON.stringify({ model: 'bench-0', max_tokens: 1 })],
        streaming: false,
        connections: 100,
        pace: { type: 'closed' },
        stop: { type: 'time', warmupMs: measureMs / 3, measureMs },
        expectTokens: null,
        drainMs: 5_000,
        watchPid: null,
      },
      'others',
    )
    const [rate, limit] = [requestsPerS, requestsPerS / generatorCpuShare].map(thousands)
    return `The load generator alone on core 1 sent ${rate} requests/s to a server alone on core 0, with ${Math.round(generatorCpuShare * 100)} % of its core: it could send ${limit}.`
  } finally {
    await server.stop()
  }
}

function thousands(value: number): string {
  return `${Math.round(value / 1e3)}k`
}
