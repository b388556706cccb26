// The end of a peer's log for people who look at it from elsewhere. Lines that quote prompts stay where they are.
import { open } from 'node:fs/promises'
import { type ReadLine, readLine } from './human-line.ts'

export interface TailLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly level: string
  readonly message: string
}

const maxReadBytes = 512 << 10
const maxMessageChars = 2000
const dayMs = 86_400_000
/** What a model's process calls the line with a prompt, where `monitoring.logging.prompts` is on. */
const promptTitle = 'prompt'

/** The oldest first; of a file that was begun anew a moment ago also the end of the one before. Rejects when it cannot be read. */
export async function readLogTail(file: string, limit: number): Promise<TailLine[]> {
  const current = await readEnd(file)
  let lines = linesIn(current, limit)
  if (lines.length < limit && current.text.length < maxReadBytes)
    lines = [...linesIn(await readEnd(`${file}.1`).catch(() => nothing), limit - lines.length), ...lines]
  return lines
}

interface FileEnd {
  readonly text: string
  readonly writtenAtMs: number
}

const nothing: FileEnd = { text: '', writtenAtMs: 0 }

async function readEnd(file: string): Promise<FileEnd> {
  const handle = await open(file, 'r')
  try {
    const { size, mtimeMs } = await handle.stat()
    const from = Math.max(0, size - maxReadBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    // Half a line stands where the reading began, and another one where somebody writes now.
    const wholeFrom = from === 0 ? 0 : text.indexOf('\n') + 1
    return { text: text.slice(wholeFrom, text.lastIndexOf('\n') + 1), writtenAtMs: mtimeMs }
  } finally {
    await handle.close()
  }
}

function linesIn({ text, writtenAtMs }: FileEnd, most: number): TailLine[] {
  const lines: TailLine[] = []
  let laterMs = writtenAtMs
  for (const line of text.split('\n').reverse()) {
    if (lines.length === most) break
    const read = line.startsWith('{') ? readJsonLine(line) : readHumanLine(line, laterMs)
    if (!read) continue
    laterMs = Date.parse(read.time)
    if (read.title === promptTitle) continue
    lines.push({ timestamp: laterMs, level: read.level, message: read.message.slice(0, maxMessageChars) })
  }
  return lines.reverse()
}

function readJsonLine(line: string): ReadLine | null {
  try {
    return readLine(line)
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
  return { level, time: new Date(atMs).toISOString(), title: message.split('  ', 1)[0] ?? '', message }
}
