import type { Log } from '../../main/telemetry/log.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps its lines for a test to read. */
export function recordLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = []
  const write =
    (level: LogLine['level'], own: LogLine['fields']): Log['info'] =>
    (message, fields = {}) => {
      lines.push({ level, message, fields: { ...own, ...fields } })
    }
  const create = (own: LogLine['fields']): Log => ({
    debug: write('debug', own),
    info: write('info', own),
    warn: write('warn', own),
    error: write('error', own),
    child: fields => create({ ...own, ...fields }),
  })
  return { log: create({}), lines }
}
