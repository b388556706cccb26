import type { Readable } from 'node:stream'
import { readLines } from '../process/lines.ts'
import type { Log } from '../telemetry/log.ts'

/** Its own words at start-up and about each connection are of interest only to who looks for a fault in it. */
const levels = { TRC: 'debug', DBG: 'debug', INF: 'debug', WRN: 'warn', ERR: 'error', FTL: 'error' } as const
/**
 * True and no news: the per-boot password stands in a file that only this user can read; a Mac that is asleep cannot be
 * connected to; one that was removed, or a stranger, knocks.
 */
const expected =
  /^Plaintext passwords detected|Error trying to connect to route|TLS route handshake error|TLS handshake timeout|Route connection/

/** Passes what nats-server prints (`[pid] [INF] message`) on to our log. */
export function logNatsOutput(
  stderr: Readable,
  log: Log,
  onMessage: (message: string) => void = () => {},
): {
  lastLine: () => string
  ended: Promise<void>
} {
  let lastLine = ''
  const ended = readLines(stderr, line => {
    lastLine = line
    const [, code = 'ERR', message = line] = /^\[\d+\] \[([A-Z]{3})\] (.*)$/.exec(line) ?? []
    const level = Object.entries(levels).find(([name]) => name === code)?.[1] ?? 'error'
    log[expected.test(message) ? 'debug' : level](`nats-server: ${message.trim()}`)
    onMessage(message)
  })
  return { lastLine: () => lastLine, ended }
}
