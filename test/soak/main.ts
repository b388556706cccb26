// `npm run soak -- [--minutes M] [--seed S] [--peers N]`
import { parseArgs } from 'node:util'
import { machinesMissing } from '../machines/ip.ts'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    peers: { type: 'string', default: '4' },
    help: { type: 'boolean', short: 'h' },
  },
})
const [minutes, seed, peers] = [values.minutes, values.seed, values.peers].map(Number)
const say = (line: string) => process.stdout.write(`${line}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (values.help) showHelp()
else if (!minutes || !(minutes > 0) || !Number.isInteger(seed) || !Number.isInteger(peers) || !peers) {
  showHelp()
  process.exitCode = 2
} else await run(minutes, seed ?? 0, peers)

async function run(minutes: number, seed: number, peers: number): Promise<void> {
  const where = machinesMissing === null ? 'on machines of their own' : `on loopback (${machinesMissing})`
  say(`seed       ${seed}: the same faults again with --seed ${seed} --peers ${peers}`)
  say(`mesh       ${peers} peers ${where}, ${minutes} minutes`)
  const beganAtMs = performance.now()
  const now = () => `${Math.round((performance.now() - beganAtMs) / 1000)} s`.padStart(6)
  const tally = await soak({
    minutes,
    seed,
    peers,
    machines: machinesMissing === null,
    onFault: ({ name, mac, lastsMs }) => say(`${now()}  Mac ${mac.number}: ${name}, ${lastsMs} ms`),
    onBad: ({ verdict, mac, answer }) =>
      say(`${now()}  ${verdict.toUpperCase()} on Mac ${mac.number}: ${answer.reason}`),
  })
  for (const line of tally.lines()) say(line)
  process.exitCode = tally.bad.length === 0 ? 0 : 1
}

function showHelp(): void {
  say(`npm run soak -- [--minutes M] [--seed S] [--peers N]

  --minutes M  how long faults go on (5)
  --seed S     what happens, when and to whom (by chance)
  --peers N    Macs of the mesh (4)

Exits with 1 when a request was lost or an answer was wrong.`)
}
