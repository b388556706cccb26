// The end of the log as it may leave this Mac: without anything that could be a prompt or an answer.
import { open } from 'node:fs/promises'

const tailBytes = 512 << 10
const maxLines = 2000
/** What Python and its libraries say in their own words, and, where the owner asked for it, prompts. */
const unsafeFields = new Set([
  'text',
  'prompt',
  'prompts',
  'messages',
  'content',
  'input',
  'output',
  'body',
  'answer',
])
const humanLine = /^\d\d:\d\d:\d\d (debug|info|warn|error) /

/** The oldest line first: objects of a log for programs, texts of one for people. */
export async function readLogTail(file: string): Promise<unknown[]> {
  const current = await readEnd(file)
  const older = current.length < tailBytes ? await readEnd(`${file}.1`) : ''
  const lines = `${older}${current}`.split('\n').filter(line => line !== '')
  return lines.slice(-maxLines).flatMap(withoutTexts)
}

/** What is neither is the rest of a line, or of a prompt that had several. */
function withoutTexts(line: string): unknown[] {
  const fields = parse(line)
  if (fields) {
    if (fields['msg'] === 'prompt') return []
    return [Object.fromEntries(Object.entries(fields).filter(([name]) => !unsafeFields.has(name)))]
  }
  if (!humanLine.test(line) || /^\S+ \w+ +prompt( |$)/.test(line)) return []
  return [line.replace(/ {2}(text|prompts?|messages|content|input|output|body|answer)=.*/, '')]
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

/** Whole lines only; '' where there is no such file. */
async function readEnd(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const length = Math.min(size, tailBytes)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
      const text = buffer.toString('utf8', 0, bytesRead)
      return size > length ? text.slice(text.indexOf('\n') + 1) : text
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}
