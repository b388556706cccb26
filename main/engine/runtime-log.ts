import type { Readable } from 'node:stream'
import { z } from 'zod'
import { readLines } from '../process/lines.ts'
import type { Log } from '../telemetry/log.ts'

const level = z.enum(['debug', 'info', 'warn', 'error']).catch('info')
const logLine = z.looseObject({ level, event: z.string() })

/**
 * Passes the log of a Python process on: JSON lines with their level, other text (warnings of libraries, tracebacks) as
 * it is. Resolves at the end of the stream with the last line of other text, where Python says what killed it.
 */
export async function forwardRuntimeLog(stderr: Readable, log: Log): Promise<string> {
  let lastWords = ''
  await readLines(stderr, text => {
    const line = parse(text)
    if (line) {
      const { level, event, time: _, ...fields } = line
      log[level](event, fields)
    } else if (text.trim() !== '') {
      lastWords = text.trim().slice(0, 500)
      log.info('model process', { text: text.slice(0, 2000) })
    }
  })
  return lastWords
}

function parse(text: string): z.infer<typeof logLine> | null {
  if (!text.startsWith('{')) return null
  try {
    return logLine.parse(JSON.parse(text))
  } catch {
    return null
  }
}
