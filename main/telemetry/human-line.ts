import { z } from 'zod'

const logLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().default('') })

/** `12:04:05 warn  the model was restarted  modelId=tiny` for a line of JSON out of the log. */
export function humanLine(json: string): string {
  const { level, time, msg, ...fields } = logLine.parse(JSON.parse(json))
  const details = Object.entries(fields).map(([name, value]) => `  ${name}=${show(value)}`)
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg}${details.join('')}\n`
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  const error = z.object({ message: z.string() }).safeParse(value)
  return error.success ? error.data.message : JSON.stringify(value)
}
