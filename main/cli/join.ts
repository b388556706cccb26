// `mlx-mesh join`: with a code, or by comparing two screens with a Mac nearby.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { findPeer, type PeerClient } from '../client/peer-client.ts'
import { meshAnswer, type NearbyMac } from '../protocol/mesh-answer.ts'
import { followPairing } from './follow-pairing.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import { isYes, openPrompt } from './prompt.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const lookMs = 5000
const lookAgainMs = 250

export async function runJoin(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    options: { ...peerOptions, at: { type: 'string' } },
    allowPositionals: true,
  })
  const { json, at: address } = values
  const code = positionals.join(' ')
  const peer = findPeer(terminal, values.url)
  if (code !== '') await peer.post('/api/mesh/join', { code, ...(address ? { address } : {}) }, meshAnswer)
  else if (address !== undefined)
    throw new CommandError('--at needs the code, too: mlx-mesh join CODE --at HOST:PORT', 2)
  else {
    const macs = await lookAround(peer)
    if (json) terminal.say(`${JSON.stringify({ nearby: macs })}\n`)
    if (json) return 0
    const chosen = await choose(macs, terminal)
    await peer.post('/api/mesh/join', { nearby: chosen.workerId }, meshAnswer)
  }
  const { meshName, withName } = await followPairing({ peer, terminal, json })
  if (json) terminal.say(`${JSON.stringify({ event: 'joined', meshName, withName })}\n`)
  else terminal.say(`This Mac is in the mesh "${meshName}" now.\n`)
  return 0
}

/** The Macs nearby that are in a mesh; a few seconds are spent on waiting for one that lets somebody in. */
async function lookAround(peer: PeerClient): Promise<NearbyMac[]> {
  const endMs = performance.now() + lookMs
  for (;;) {
    const { mesh, nearby, problem } = await peer.get('/api/mesh', meshAnswer)
    if (mesh)
      throw new CommandError(`this Mac is in the mesh "${mesh.name}" already; "mlx-mesh leave" leaves it.`)
    const macs = nearby.filter(mac => mac.meshId !== null)
    if (macs.some(mac => mac.pairing) || performance.now() > endMs) {
      if (macs.length > 0) return macs
      throw new CommandError(problem ?? 'no mesh was found nearby. "mlx-mesh doctor" looks for the reason.')
    }
    await pause(lookAgainMs)
  }
}

async function choose(macs: readonly NearbyMac[], terminal: Terminal): Promise<NearbyMac> {
  const open = macs.filter(mac => mac.pairing)
  const [only] = open
  if (!only) {
    const names = macs.map(mac => `${mac.meshName} (${mac.name})`).join(', ')
    throw new CommandError(
      `nearby: ${names}. None lets somebody in right now: run "mlx-mesh invite" on one of them, then this again.`,
    )
  }
  if (!terminal.typedInto) throw new CommandError('expected a code; nobody types here who could compare.', 2)
  const prompt = openPrompt(terminal)
  try {
    if (open.length === 1) {
      const answer = await prompt.ask(`Join the mesh "${only.meshName}" of ${only.name}? [y/n] `)
      if (answer !== null && isYes(answer)) return only
      throw new CommandError('called off.')
    }
    terminal.say(formatTable(open.map((mac, i) => [`${i + 1}`, mac.meshName ?? '', mac.name])))
    const answer = await prompt.ask('Which one? ')
    const chosen = open[Number(answer) - 1]
    if (answer !== null && chosen) return chosen
    throw new CommandError('called off.')
  } finally {
    prompt.close()
  }
}
