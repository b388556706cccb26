import { describe, expect, test } from 'vitest'
import { prefixesOf, withAnswer } from '../../main/protocol/prefixes.ts'

const say = (role: string, content: string) => ({ role, content })
const hashes = (...given: Parameters<typeof prefixesOf>) => prefixesOf(...given).map(({ hash }) => hash)

describe('the beginnings of a chat', () => {
  const asked = { messages: [say('system', 'Be brief.'), say('user', 'Hello')] }
  const followUp = {
    messages: [...asked.messages, say('assistant', 'Hi!'), say('user', 'How are you?')],
  }

  test('are those of its follow-up, the answer included', () => {
    expect(hashes('m', followUp).slice(0, 2)).toEqual(hashes('m', asked))
    expect(hashes('m', followUp)[2]).toBe(
      hashes('m', withAnswer(asked, { text: 'Hi!', toolCalls: [] })).at(-1),
    )
  })

  test('hold the tools that are told of before, and the calls in the answer', () => {
    const tools = [{ name: 'weather' }]
    const toolCalls = [{ id: 'a', name: 'weather', arguments: '{}' }]
    const withTools = { ...asked, tools }
    const result = { role: 'tool', content: 'sunny', toolCallId: 'a' }
    const next = {
      tools,
      messages: [...asked.messages, { role: 'assistant', content: '', reasoning: 'Hm.', toolCalls }, result],
    }
    expect(hashes('m', next)[2]).toBe(hashes('m', withAnswer(withTools, { text: '', toolCalls })).at(-1))
    const others = new Set([
      ...hashes('m', asked),
      ...hashes('m', { ...asked, tools: [{ name: 'time' }] }),
      ...hashes(
        'm',
        withAnswer(withTools, { text: '', toolCalls: [{ id: 'a', name: 'time', arguments: '{}' }] }),
      ).slice(2),
    ])
    expect(hashes('m', next).filter(hash => others.has(hash))).toEqual([])
  })

  test('grow with the text in them', () => {
    expect(prefixesOf('m', asked).map(({ length }) => length)).toEqual([9, 14])
  })

  test.each([
    ['another model', 'n', asked.messages],
    ['another first message', 'm', [say('system', 'Be brief!'), say('user', 'Hello')]],
    ['another role', 'm', [say('user', 'Be brief.'), say('user', 'Hello')]],
    ['text on the other side of a boundary', 'm', [say('system', 'Be brief.H'), say('user', 'ello')]],
    ['one message that says what two say', 'm', [say('system', 'Be brief.userHello')]],
  ])('differ for %s', (_, modelId, messages) => {
    const mine = new Set(hashes('m', asked))
    expect(hashes(modelId, { messages }).filter(hash => mine.has(hash))).toEqual([])
  })

  test('tell texts of 15 MB by their two ends and their lengths', () => {
    const long = 'x'.repeat(15_000_000)
    const hashOf = (content: string) => hashes('m', { messages: [say('user', content)] })[0]
    const different = [long, `${long}x`, `y${long.slice(1)}`, `${long.slice(1)}y`].map(hashOf)
    expect(new Set(different).size).toBe(4)
    expect(prefixesOf('m', { messages: [say('user', long)] })[0]?.length).toBe(15_000_000)
  })

  test('are few for a long one: its beginning and its end', () => {
    const messages = Array.from({ length: 40 }, (_, i) => say('user', `${i}`))
    const all = hashes('m', { messages })
    expect(all).toHaveLength(8)
    expect(hashes('m', { messages: messages.slice(0, 38) }).at(-1)).toBe(all[5])
  })
})

describe('the beginnings of a prompt', () => {
  const text = 'The quick brown fox. '.repeat(1000)

  test('are found in a longer one for at least half of the text', () => {
    const longer = new Set(hashes('m', { prompt: `${text}And now?` }))
    const known = prefixesOf('m', { prompt: text }).filter(({ hash }) => longer.has(hash))
    expect(known.at(-1)?.length).toBeGreaterThanOrEqual(text.length / 2)
  })

  test('of token ids work as those of text', () => {
    const ids = Array.from({ length: 600 }, (_, i) => i)
    const longer = hashes('m', { prompt: [...ids, 7] })
    expect(hashes('m', { prompt: ids }).filter(hash => longer.includes(hash))).toHaveLength(2)
  })

  test('are none where there is no prompt', () => {
    expect(prefixesOf('m', { prompt: '' })).toEqual([])
  })
})

test('a hundred thousand different texts have a hundred thousand hashes', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 100_000; i++) seen.add(hashes('m', { prompt: String(i) })[0] ?? '')
  expect(seen.size).toBe(100_000)
})
