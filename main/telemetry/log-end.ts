// The end of a log file, and its lines without anything that could be a prompt or an answer.
import { open } from 'node:fs/promises'

export const mostEndBytes = 512 << 10
/** What Python and its libraries say in their own words, and, where the owner asked for it, prompts. */
const unsafeFields = [
  'text',
  'prompt',
  'prompts',
  'messages',
  'content',
  'input',
  'output',
  'body',
  'answer',
] as const
const unsafe = new Set<string>(unsafeFields)
const fromUnsafeOn = new RegExp(`  (${unsafeFields.join('|')})=.*`)
const humanLine = /^\d\d:\d\d:\d\d (debug|info|warn|error) /

export interface FileEnd {
  readonly text: string
  readonly writtenAtMs: number
}

export const noEnd: FileEnd = { text: '', writtenAtMs: 0 }

/** Whole lines only. Rejects when the file cannot be read. */
export async function readEnd(file: string): Promise<FileEnd> {
  const handle = await open(file, 'r')
  try {
    const { size, mtimeMs } = await handle.stat()
    const from = Math.max(0, size - mostEndBytes)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    // Half a line stands where the reading began, and another one where somebody writes now.
    const wholeFrom = from === 0 ? 0 : text.indexOf('\n') + 1
    return { text: text.slice(wholeFrom, text.lastIndexOf('\n') + 1), writtenAtMs: mtimeMs }
  } finally {
    await handle.close()
  }
}

/** The fields of a line for programs, the text of one for people; null for prompts, and for what is neither. */
export function withoutTexts(line: string): Readonly<Record<string, unknown>> | string | null {
  if (line.startsWith('{')) {
    const fields = parse(line)
    if (!fields || fields['msg'] === 'prompt') return null
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !unsafe.has(name)))
  }
  // What is neither is the rest of a line, or of a prompt that had several.
  if (!humanLine.test(line) || /^\S+ \w+ +prompt( |$)/.test(line)) return null
  return line.replace(fromUnsafeOn, '')
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
