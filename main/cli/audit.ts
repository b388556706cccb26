// `mlx-mesh audit`: the orders that were given to this Mac.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CommandError } from '../client/command-error.ts'
import { type AuditEntry, auditEntry } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const answer = z.looseObject({ entries: z.array(auditEntry) })

export async function runAudit(args: string[], terminal: Terminal): Promise<ExitCode> {
  const options = { ...peerOptions, limit: { type: 'string', default: '20' } } as const
  const { values } = parseArgs({ args, options })
  if (!/^[1-9]\d{0,3}$/.test(values.limit))
    throw new CommandError(`--limit: expected a whole number up to 1000, not "${values.limit}".`, 2)
  const { entries } = await findPeer(terminal, values.url).get(`/api/audit?limit=${values.limit}`, answer)
  if (values.json) terminal.say(`${JSON.stringify(entries)}\n`)
  else if (entries.length === 0) terminal.say('Nobody has given this Mac an order yet.\n')
  else terminal.say(formatTable(entries.map(rowOf)))
  return 0
}

function rowOf({ timestamp, who, action, about, outcome, status }: AuditEntry): string[] {
  const name = who.kind === 'owner' ? 'this Mac' : `${who.name ?? who.kind} at ${who.address}`
  const end = outcome === 'done' ? 'done' : `${outcome} (${status})`
  return [new Date(timestamp).toISOString().slice(0, 19), name, action, about ?? '', end]
}
