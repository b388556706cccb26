import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AccessOptions } from '../../../main/access/access.ts'
import { openAudit } from '../../../main/access/audit.ts'
import { type KeyRing, type NewKey, openKeyRing } from '../../../main/access/key-ring.ts'
import type { GatewayOptions } from '../../../main/gateway/ports.ts'
import { realClock } from '../../../main/protocol/clock.ts'
import { silentLog } from '../../../main/telemetry/log.ts'
import { makeTempFolder } from '../../support/temp-folder.ts'
import { openAccess } from './open-access.ts'
import { type Door, openDoor } from './open-door.ts'
import { askRaw, statusOf } from './raw-http.ts'

export interface GuardedDoor extends Door {
  readonly folder: string
  readonly keys: KeyRing
  /** A new key of this Mac. */
  makeKey(wanted?: Partial<NewKey>): string
  /** From another machine unless `from` says otherwise. */
  ask(method: string, path: string, headers?: Record<string, string>, options?: Asked): Promise<Answer>
}

interface Asked {
  readonly from?: string
  readonly body?: unknown
}

interface Answer {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Record<string, string>
  readonly json: unknown
  readonly text: string
}

export const elsewhere = '192.168.7.20'
const here = '127.0.0.1'
const testAddress = 'x-test-address'

/** A door whose requests come from where a header of the tests says. */
export async function openGuardedDoor(
  access: Partial<AccessOptions> = {},
  options: Partial<GatewayOptions> = {},
  folder = makeTempFolder(),
): Promise<GuardedDoor> {
  const clock = access.clock ?? realClock
  const files = { file: join(folder, 'api-keys.json'), usageFile: join(folder, 'use.json') }
  const keys = openKeyRing({ ...files, clock, log: silentLog })
  const audit = openAudit(join(folder, 'audit.log'), silentLog)
  onTestFinished(async () => {
    keys.close()
    await audit.close()
  })
  const door = await openDoor({
    access: openAccess({ keys, ...access }),
    keys,
    audit,
    clock,
    addressOf: ({ headers }) => String(headers[testAddress] ?? here),
    ...options,
  })
  let made = 0
  return {
    ...door,
    folder,
    keys,
    makeKey: (wanted = {}) => {
      const usual = {
        name: `key ${made++}`,
        scopes: ['inference'] as const,
        models: null,
        requestsPerMinute: null,
      }
      const created = keys.create({ ...usual, tokensPerMinute: null, expiresAtMs: null, ...wanted })
      if (!created) throw new Error('the key was not made')
      return created.key
    },
    async ask(method, path, headers = {}, { from = elsewhere, body } = {}) {
      const text = body === undefined ? '' : JSON.stringify(body)
      return parse(await askRaw(door.port, method, path, { [testAddress]: from, ...headers }, text))
    },
  }
}

export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

function parse(answer: string): Answer {
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  const lines = head.split('\r\n').slice(1)
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  const text = rest.join('\r\n\r\n')
  const isJson = headers['content-type']?.startsWith('application/json') && text !== ''
  return { status: statusOf(answer), headers, json: isJson ? JSON.parse(text) : null, text }
}
