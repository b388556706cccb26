import { z } from 'zod'

const logLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().default('') })

export interface ReadLine {
  readonly level: string
  /** ISO 8601 */
  readonly time: string
  /** `the model was restarted  modelId=tiny` */
  readonly message: string
}

/** Throws when it is no line of the log. */
export function readFields(line: unknown): ReadLine {
  const { level, time, msg, ...fields } = logLine.parse(line)
  const details = Object.entries(fields).map(([name, value]) => `  ${name}=${show(value)}`)
  return { level, time, message: `${msg}${details.join('')}` }
}

/** `12:04:05 warn  the model was restarted  modelId=tiny` for a line of JSON out of the log. */
export function humanLine(json: string): string {
  const { level, time, message } = readFields(JSON.parse(json))
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${message}\n`
}

function show(value: unknown): string {
  // One line stays one line, whatever somebody wrote into it.
  if (typeof value === 'string') return /[\n\r]/.test(value) ? JSON.stringify(value) : value
  const error = z.object({ message: z.string() }).safeParse(value)
  return error.success ? error.data.message : JSON.stringify(value)
}
