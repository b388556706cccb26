import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readLines } from '../../main/process/lines.ts'

async function linesOf(chunks: readonly (string | Buffer)[], longestChars = 100) {
  const lines: string[] = []
  let dropped = 0
  await readLines(Readable.from(chunks.map(chunk => Buffer.from(chunk))), line => lines.push(line), {
    longestChars,
    onDropped: () => dropped++,
  })
  return { lines, dropped }
}

const euro = Buffer.from('€\n')

describe('reading lines', () => {
  it.each([
    { title: 'many lines in one chunk', chunks: ['a\nb\n\nc\n'], lines: ['a', 'b', '', 'c'] },
    { title: 'a line over several chunks', chunks: ['a', 'b', 'c\nd', '\n'], lines: ['abc', 'd'] },
    { title: 'a last line without an end', chunks: ['a\nb'], lines: ['a', 'b'] },
    { title: 'a letter cut in two', chunks: [euro.subarray(0, 1), euro.subarray(1)], lines: ['€'] },
    { title: 'nothing', chunks: [], lines: [] },
  ])('copes with $title', async ({ chunks, lines }) => {
    expect(await linesOf(chunks)).toEqual({ lines, dropped: 0 })
  })

  it.each([
    { title: 'in one chunk', chunks: ['a\n123456\nb\n'] },
    { title: 'over several chunks', chunks: ['a\n1234', '56', '7890123', '4\nb\n'] },
    { title: 'that end a chunk', chunks: ['a\n123456', '\nb\n'] },
  ])('leaves out lines that are too long, $title, and goes on after them', async ({ chunks }) => {
    expect(await linesOf(chunks, 5)).toEqual({ lines: ['a', 'b'], dropped: 1 })
  })
})
