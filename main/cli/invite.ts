// `mlx-mesh invite`: a code that lets one Mac into the mesh, and waiting until it has come.
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { findPeer } from '../client/peer-client.ts'
import { meshAnswer } from '../protocol/mesh-answer.ts'
import { followPairing } from './follow-pairing.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export async function runInvite(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const peer = findPeer(terminal, values.url)
  const { pairing } = await peer.post('/api/mesh/invite', {}, meshAnswer)
  if (pairing.state !== 'invited') throw new CommandError('the peer opened no invitation.')
  const { code, addresses, expiresAtMs } = pairing
  if (values.json) terminal.say(`${JSON.stringify({ event: 'invited', code, addresses, expiresAtMs })}\n`)
  else terminal.say(describe(code, addresses, expiresAtMs))

  const { meshName, withName } = await followPairing({ peer, terminal, json: values.json })
  if (values.json) terminal.say(`${JSON.stringify({ event: 'joined', meshName, withName })}\n`)
  else terminal.say(`${withName} is in the mesh "${meshName}" now.\n`)
  return 0
}

function describe(code: string, addresses: readonly string[], expiresAtMs: number): string {
  const until = new Date(expiresAtMs).toTimeString().slice(0, 5)
  return [
    'On the Mac that is to join, in the folder of MLX Mesh, run:',
    '',
    `  npx mlx-mesh join ${code}`,
    '',
    `The code lets one Mac in, once, until ${until}; a wrong one ends the invitation.`,
    ...addresses.map(address => `If that Mac does not find this one: add --at ${address}`),
    'Waiting … Ctrl-C calls it off.',
    '',
  ].join('\n')
}
