// Random faults on a mesh under load. Every request must have its last word, every complete answer must be right.
import { setTimeout as delay } from 'node:timers/promises'
import type { Machine } from '../machines/machine.ts'
import { allSeeAll, startMesh } from '../machines/mesh.ts'
import { createNetwork, type Network } from '../machines/network.ts'
import { loopback } from '../machines/place.ts'
import { Random } from '../support/random.ts'
import { type Judged, referenceOf, runClient } from './clients.ts'
import { chooseFault, type Fault } from './faults.ts'
import { createMac, type Mac } from './mac.ts'
import { SoakTally } from './tally.ts'
import { timeToDetect } from './watch.ts'

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  readonly peers: number
  /** With a machine of its own for each peer; on loopback there are no cables. */
  readonly machines: boolean
  readonly onFault: (fault: Fault) => void
  readonly onBad: (judged: Judged) => void
}

const clientsOfEach = 2
/** Between the end of a fault and the next one. */
const quietMs: readonly [number, number] = [500, 4_000]
const healedWithinMs = 60_000
const tokensPerSecond = 100

export async function soak(options: SoakOptions): Promise<SoakTally> {
  const network = options.machines ? await createNetwork() : null
  let macs: Mac[] = []
  try {
    macs = await startMacs(network, options.peers)
    return await run(macs, options)
  } finally {
    await Promise.all(macs.map(mac => mac.peer().close()))
    await network?.close()
  }
}

async function startMacs(network: Network | null, count: number): Promise<Mac[]> {
  const machines: (Machine | null)[] = []
  while (machines.length < count) machines.push(network ? await network.addMachine() : null)
  const peers = await startMesh(
    machines.map(machine => machine ?? loopback),
    () => ({
      args: ['--engine', `scripted:tokensPerSecond=${tokensPerSecond},loadMs=200`, '--load', 'scripted'],
    }),
  )
  return Promise.all(peers.map((peer, at) => createMac(at + 1, machines[at] ?? null, peer)))
}

async function run(macs: readonly Mac[], options: SoakOptions): Promise<SoakTally> {
  const tally = new SoakTally()
  const first = macs[0]
  if (!first) throw new RangeError('a soak needs peers')
  const reference = await referenceOf(first)
  const untilMs = performance.now() + options.minutes * 60_000
  let failed = false
  const goesOn = () => !failed && performance.now() < untilMs
  const onJudged = (judged: Judged) => {
    tally.add(judged)
    if (judged.verdict === 'lost' || judged.verdict === 'wrong') options.onBad(judged)
  }
  const clients = macs.flatMap(mac =>
    Array.from({ length: clientsOfEach }, (_, n) => {
      const random = new Random(options.seed * 1000 + mac.number * 10 + n)
      return runClient(mac, random, reference, goesOn, onJudged)
    }),
  )
  try {
    await doHarm(macs, options, tally, goesOn)
  } catch (error) {
    failed = true
    throw error
  } finally {
    await Promise.all(clients)
  }
  await allSeeAll(
    macs.map(mac => mac.peer()),
    { withinMs: healedWithinMs },
  )
  return tally
}

/** One fault after the other, as two at a time happen to no home; in the order that the seed says. */
async function doHarm(
  macs: readonly Mac[],
  { seed, onFault }: SoakOptions,
  tally: SoakTally,
  goesOn: () => boolean,
): Promise<void> {
  const random = new Random(seed)
  for (;;) {
    await delay(random.between(...quietMs))
    if (!goesOn()) return
    const fault = chooseFault(random, macs)
    onFault(fault)
    tally.addFault(fault.name)
    const detected = fault.loses ? timeToDetect(fault, macs) : Promise.resolve(null)
    await fault.happen()
    tally.addDetection(await detected)
  }
}
