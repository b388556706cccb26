// `mlx-mesh pause` and `share`: whether this Mac works for the others.
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { health, sharingNow } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import type { SharingOrder } from '../protocol/workers.ts'
import { describeSharing } from './describe-sharing.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export function runPause(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runOrder(args, terminal, ([minutes, ...more]) => {
    if (minutes === undefined) return { state: 'paused' }
    if (more.length > 0 || !/^[1-9]\d{0,4}$/.test(minutes)) {
      throw new CommandError(`expected a whole number of minutes, not "${[minutes, ...more].join(' ')}".`, 2)
    }
    return { state: 'paused', minutes: Number(minutes) }
  })
}

export function runShare(args: string[], terminal: Terminal): Promise<ExitCode> {
  return runOrder(args, terminal, ([state, ...more]) => {
    if ((state === 'on' || state === 'off') && more.length === 0) return { state }
    throw new CommandError('expected on or off.', 2)
  })
}

async function runOrder(
  args: string[],
  terminal: Terminal,
  read: (positionals: string[]) => SharingOrder,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const order = read(positionals)
  const peer = findPeer(terminal, values.url)
  const { workerId } = await peer.get('/health', health)
  const { sharing } = await peer.post(`/api/cluster/workers/${workerId}/sharing`, order, sharingNow)
  if (values.json) terminal.say(`${JSON.stringify(sharing)}\n`)
  else terminal.say(`This Mac is ${describeSharing(sharing, Date.now())}.\n`)
  return 0
}
