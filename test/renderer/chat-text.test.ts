import { describe, expect, test } from 'vitest'
import { blocksOf } from '../../renderer/chat/blocks.ts'
import { readSse } from '../../renderer/chat/sse.ts'

describe('events of an answer', () => {
  test('are the same however the bytes are cut, with any line ends, and comments are left out', async () => {
    const text = ': hello\n\ndata: {"a":"ü😀"}\r\n\r\nevent: x\ndata: one\ndata: two\n\ndata: [DONE]'
    const all = new TextEncoder().encode(text)
    for (let size = 1; size < 12; size++)
      expect(await read(all, size)).toEqual(['{"a":"ü😀"}', 'one\ntwo', '[DONE]'])
  })

  test('end the stream when nobody listens any more', async () => {
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull: controller => controller.enqueue(new TextEncoder().encode('data: more\n\n')),
      cancel: () => {
        isCancelled = true
      },
    })
    for await (const data of readSse(body)) if (data === 'more') break
    expect(isCancelled).toBe(true)
  })
})

describe('an answer in blocks', () => {
  const cases: [string, string, string[]][] = [
    ['paragraphs', 'one\n\ntwo', ['one', 'two']],
    ['code with blank lines in it', '```py\na\n\nb\n```\n\nend', ['```py\na\n\nb\n```', 'end']],
    ['code that is not closed yet', 'text\n\n```\na\n\nb', ['text', '```\na\n\nb']],
    [
      'a fence within a longer fence',
      '````\n```\n\nx\n```\n````\n\nend',
      ['````\n```\n\nx\n```\n````', 'end'],
    ],
    [
      'a list with blank lines between its items',
      '1. a\n\n2. b\n\n   more\n\nend',
      ['1. a\n\n2. b\n\n   more', 'end'],
    ],
    ['nothing', '\n\n', []],
  ]
  test.each(cases)('%s', (_, text, blocks) => {
    expect(blocksOf(text)).toEqual(blocks)
  })

  test('finished ones stay what they were while the rest grows', () => {
    const text = 'first\n\n- a\n- b\n\n```\ncode\n\nmore\n```\n\nlast words\n\nend'
    let before: string[] = []
    for (let i = 1; i <= text.length; i++) {
      const now = blocksOf(text.slice(0, i))
      expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1))
      before = now
    }
  })
})

/** What is read out of `bytes` that come in pieces of that size. */
async function read(bytes: Uint8Array, size: number): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size))
      controller.close()
    },
  })
  const found: string[] = []
  for await (const data of readSse(body)) found.push(data)
  return found
}
