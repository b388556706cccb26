// `mlx-mesh keys`: who else may use this Mac.
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { CommandError } from '../client/command-error.ts'
import { type ApiKey, apiKey } from '../client/peer-answers.ts'
import { findPeer } from '../client/peer-client.ts'
import { formatTable } from './format.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'

const options = {
  ...peerOptions,
  scopes: { type: 'string' },
  models: { type: 'string' },
  'requests-per-minute': { type: 'string' },
  'tokens-per-minute': { type: 'string' },
  expires: { type: 'string' },
} as const

const made = apiKey.extend({ key: z.string() })
const listed = z.looseObject({ keys: z.array(apiKey) })
const revoked = z.looseObject({ revoked: apiKey })

export async function runKeys(args: string[], terminal: Terminal): Promise<ExitCode> {
  const [verb, ...rest] = args
  if (verb === 'create') return create(rest, terminal)
  if (verb === 'list') return list(rest, terminal)
  if (verb === 'revoke') return revoke(rest, terminal)
  throw new CommandError('expected create, list or revoke.', 2)
}

async function create(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const name = nameIn(positionals)
  const wanted = {
    name,
    ...(values.scopes === undefined ? {} : { scopes: wordsOf(values.scopes) }),
    ...(values.models === undefined ? {} : { models: wordsOf(values.models) }),
    requestsPerMinute: numberOf('requests-per-minute', values['requests-per-minute']),
    tokensPerMinute: numberOf('tokens-per-minute', values['tokens-per-minute']),
    expiresAtMs: values.expires === undefined ? null : Date.now() + durationOf(values.expires),
  }
  const { key, ...known } = await findPeer(terminal, values.url).post('/api/keys', wanted, made)
  if (values.json) {
    terminal.say(`${JSON.stringify({ key, ...known })}\n`)
    return 0
  }
  terminal.say(`${key}\n`)
  terminal.note(`This is the key "${name}". It is not shown again: put it where it is used now.\n`)
  return 0
}

async function list(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: peerOptions })
  const { keys } = await findPeer(terminal, values.url).get('/api/keys', listed)
  if (values.json) terminal.say(`${JSON.stringify(keys)}\n`)
  else if (keys.length === 0) terminal.say('There are no API keys. "mlx-mesh keys create NAME" makes one.\n')
  else terminal.say(formatTable([heading, ...keys.map(rowOf)]))
  return 0
}

async function revoke(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const path = `/api/keys/${encodeURIComponent(nameIn(positionals))}`
  const answer = await findPeer(terminal, values.url).remove(path, revoked)
  if (values.json) terminal.say(`${JSON.stringify(answer)}\n`)
  else terminal.say(`The key "${answer.revoked.name}" opens nothing any more.\n`)
  return 0
}

const heading = ['NAME', 'KEY', 'SCOPES', 'MODELS', 'EXPIRES', 'LAST USED', 'REQUESTS', 'TOKENS']

function rowOf({ name, end, scopes, models, expiresAtMs, isExpired, use }: ApiKey): string[] {
  const days = use?.days ?? []
  const sum = (figure: (day: (typeof days)[number]) => number) =>
    String(days.reduce((total, day) => total + figure(day), 0))
  return [
    name,
    `…${end}`,
    scopes.join(', '),
    models === null ? 'all' : models.join(', '),
    expiresAtMs === null ? 'never' : `${dayOf(expiresAtMs)}${isExpired ? ' (expired)' : ''}`,
    use === null ? 'never' : dayOf(use.lastUsedAtMs),
    sum(day => day.requests),
    sum(day => day.promptTokens + day.completionTokens),
  ]
}

function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}

function nameIn(positionals: readonly string[]): string {
  const name = positionals.join(' ').trim()
  if (name === '') throw new CommandError('expected the name of a key.', 2)
  return name
}

function wordsOf(list: string): string[] {
  return list
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== '')
}

function numberOf(flag: string, text: string | undefined): number | null {
  if (text === undefined) return null
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new CommandError(`--${flag}: expected a whole number, not "${text}".`, 2)
}

const hourMs = 3_600_000
const units: Readonly<Record<string, number>> = { h: hourMs, d: 24 * hourMs, y: 365 * 24 * hourMs }

function durationOf(text: string): number {
  const [, amount = '', unit = ''] = /^([1-9]\d{0,4})([hdy])$/.exec(text) ?? []
  const unitMs = units[unit]
  if (unitMs !== undefined) return Number(amount) * unitMs
  throw new CommandError(`--expires: expected a time such as 12h, 30d or 1y, not "${text}".`, 2)
}
