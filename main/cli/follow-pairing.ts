// Follows what this Mac's peer does about pairing until it ends.
import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../client/command-error.ts'
import type { PeerClient } from '../client/peer-client.ts'
import { meshAnswer, type Pairing } from '../protocol/mesh-answer.ts'
import { CodeComparison } from './compare-codes.ts'
import { watchStopSignals } from './stop-signals.ts'
import type { Terminal } from './terminal.ts'

export type Done = Extract<Pairing, { state: 'done' }>

const lookAgainMs = 250

export interface FollowOptions {
  readonly peer: PeerClient
  readonly terminal: Terminal
  readonly json: boolean
}

/** Throws CommandError when nobody was let in; Ctrl-C calls it off. */
export async function followPairing({ peer, terminal, json }: FollowOptions): Promise<Done> {
  let stopped = false
  let told: string | null = null
  const stop = () => {
    stopped = true
  }
  const signals = watchStopSignals(terminal.env)
  void signals.asked.then(stop)
  const comparison = new CodeComparison(peer, terminal, stop)
  try {
    while (!stopped) {
      const { pairing } = await peer.get('/api/mesh', meshAnswer)
      if (pairing.state === 'done') return pairing
      if (pairing.state === 'failed') throw new CommandError(pairing.message)
      if (pairing.state === 'idle') throw new CommandError('it was called off.')
      if (pairing.state !== 'comparing') comparison.withdraw()
      else if (!json) comparison.show(pairing)
      else tell({ event: 'comparing', withName: pairing.withName, shortCode: pairing.shortCode })
      if (pairing.state === 'invited' && pairing.lastFailure !== null)
        tell({ event: 'failed_try', message: `${pairing.lastFailure} The invitation is still open.` })
      await pause(lookAgainMs)
    }
    await peer.post('/api/mesh/pairing/cancel', {}, meshAnswer)
    throw new CommandError('called off.')
  } finally {
    comparison.close()
    signals.release()
  }

  /** Each thing once. */
  function tell(event: {
    readonly event: string
    readonly message?: string
    readonly [more: string]: unknown
  }): void {
    const text = JSON.stringify(event)
    if (text === told) return
    told = text
    if (json) terminal.say(`${text}\n`)
    else if (event.message !== undefined) terminal.note(`${event.message}\n`)
  }
}
