import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runLoad } from './load/run-load.ts'
import { startNats } from './programs/nats.ts'
import { startProgram } from './programs/program.ts'

const folder = mkdtempSync('/tmp/prof/h')
const nats = await startNats(folder)
writeFileSync(
  folder + '/cluster.yaml',
  JSON.stringify({ cluster: { mode: 'controller', nats: { embedded: false, server_url: nats.url } } }),
)
const args = [
  '-c',
  '0',
  process.execPath,
  ...(process.argv[2] === 'prof' ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : []),
  'main/headless.ts',
  'serve',
  '--json',
  '--port',
  '0',
]
const gw = spawn('taskset', args, {
  env: { ...process.env, MLX_MESH_HOME: folder },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const line: string = await new Promise(r => gw.stdout.once('data', d => r(String(d))))
const { url, pid } = JSON.parse(line.split('\n')[0]!)
const worker = await startProgram({
  name: 'worker',
  command: process.execPath,
  args: [
    fileURLToPath(new URL('./programs/stamped-worker.ts', import.meta.url)),
    nats.url,
    process.argv[3] ?? 'bench-0',
  ],
  place: 'others',
  ready: /^ready$/,
  readyWithinMs: 10000,
})
await new Promise(r => setTimeout(r, 1500))
const body = JSON.stringify({
  model: process.argv[3] ?? 'bench-0',
  max_tokens: 4,
  messages: [{ role: 'user', content: 'Hello there, how are you?' }],
})
for (let round = 0; round < 3; round++) {
  const r = await runLoad({
    url: url + '/v1/chat/completions',
    bodies: [body],
    streaming: false,
    connections: 100,
    pace: { type: 'closed' },
    stop: { type: 'time', warmupMs: 2000, measureMs: 5000 },
    expectTokens: null,
    drainMs: 2000,
    watchPid: pid,
  })
  console.log(
    r.requestsPerS,
    'req/s',
    r.watchedCpuUsPerS! / r.requestsPerS,
    'us cpu/req',
    JSON.stringify(r.errors),
    r.latency,
  )
}
gw.kill('SIGTERM')
await new Promise(r => gw.once('exit', r))
await worker.stop()
await nats.stop()
