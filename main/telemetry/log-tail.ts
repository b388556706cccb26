// The end of a peer's log for people who look at it from elsewhere.
import { type ReadLine, readFields } from './human-line.ts'
import { type FileEnd, mostEndBytes, noEnd, readEnd, withoutTexts } from './log-end.ts'

export interface TailLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly level: string
  readonly message: string
}

const maxMessageChars = 2000
const dayMs = 86_400_000

/** The oldest first; of a file that was begun anew a moment ago also the end of the one before. Rejects when it cannot be read. */
export async function readLogTail(file: string, limit: number): Promise<TailLine[]> {
  const current = await readEnd(file)
  let lines = linesIn(current, limit)
  if (lines.length < limit && current.text.length < mostEndBytes)
    lines = [...linesIn(await readEnd(`${file}.1`).catch(() => noEnd), limit - lines.length), ...lines]
  return lines
}

function linesIn({ text, writtenAtMs }: FileEnd, most: number): TailLine[] {
  const lines: TailLine[] = []
  let laterMs = writtenAtMs
  for (const line of text.split('\n').reverse()) {
    if (lines.length === most) break
    const safe = withoutTexts(line)
    const read = typeof safe === 'string' ? readHumanLine(safe, laterMs) : readJsonLine(safe)
    const atMs = read ? Date.parse(read.time) : Number.NaN
    if (!read || Number.isNaN(atMs)) continue
    laterMs = atMs
    lines.push({ timestamp: atMs, level: read.level, message: read.message.slice(0, maxMessageChars) })
  }
  return lines.reverse()
}

function readJsonLine(fields: object | null): ReadLine | null {
  try {
    return readFields(fields)
  } catch {
    return null // not one of ours, or damaged
  }
}

/** A line for people has the time of day only: the day is that of the line behind it, or the one before. */
function readHumanLine(line: string, laterMs: number): ReadLine | null {
  const [, time, level = '', message = ''] = /^(\d\d:\d\d:\d\d) (\w+) +(.*)$/.exec(line) ?? []
  if (time === undefined) return null
  const day = new Date(laterMs).toISOString().slice(0, 11)
  const sameDayMs = Date.parse(`${day}${time}Z`)
  const atMs = sameDayMs > laterMs + 1000 ? sameDayMs - dayMs : sameDayMs
  return { level, time: new Date(atMs).toISOString(), message }
}
