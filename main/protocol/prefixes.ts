// Hashes of the beginnings of a conversation, on the text as it was asked: a gateway that has no tokenizer can tell with
// them which Mac has computed the beginning of a request already. Hints only, so nothing cryptographic; they stay among
// the members of a mesh and are never logged, because a short text can be guessed from its hash.
import type { ChatMessage, Generation, ToolCall } from './inference.ts'

/** A beginning of a request. */
export interface Prefix {
  readonly hash: string
  /** UTF-16 units of its texts; a token id counts as four, which is about what it stands for. */
  readonly length: number
}

/** Prompts of completions are hashed up to 1,024 characters, up to twice that, and so on: few hashes, at least half found. */
const firstChunk = 1024
const charactersPerToken = 4
/** Of a long conversation: its beginning is shared with others, its end is what the next turn goes on from. */
const keptFirst = 2
const keptLast = 6

/** A text that is longer is told by its two ends and its length: all of 15 MB would take a tenth of a second. */
const longestWhole = 1 << 20

const noCharacter = 0x10000

type Prompt = Pick<Generation, 'messages' | 'prompt' | 'tools'>

/** What an answer adds to its conversation; thoughts are left out of later turns. */
export interface Said {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
}

/** From short to long; the last one is the whole request. Empty when there is nothing to hash. */
export function prefixesOf(modelId: string, { messages, prompt, tools }: Prompt): Prefix[] {
  const hash = new RollingHash()
  hash.name(modelId)
  // Templates tell of them before anything is said.
  if (tools && tools.length > 0) hash.name(JSON.stringify(tools))
  if (messages) {
    const all = messages.map(message => {
      hashMessage(hash, message)
      return hash.prefix()
    })
    return all.length <= keptFirst + keptLast
      ? all
      : [...all.slice(0, keptFirst), ...all.slice(all.length - keptLast)]
  }
  if (prompt === undefined || prompt.length === 0) return []
  const size = typeof prompt === 'string' ? firstChunk : firstChunk / charactersPerToken
  const found: Prefix[] = []
  let from = 0
  for (let to = size; to < prompt.length; to *= 2) {
    hash.part(prompt, from, to)
    found.push(hash.prefix())
    from = to
  }
  hash.part(prompt, from, prompt.length)
  found.push(hash.prefix())
  return found
}

/** What is in a Mac's prefix cache when it has answered: a follow-up turn begins with it. */
export function withAnswer({ messages, prompt, tools }: Prompt, { text, toolCalls }: Said): Prompt {
  if (!messages) return { prompt: typeof prompt === 'string' ? prompt + text : prompt }
  const answer = { role: 'assistant', content: text, toolCalls: [...toolCalls] }
  return { messages: [...messages, answer], tools }
}

function hashMessage(hash: RollingHash, { role, content, toolCalls = [], images = [] }: ChatMessage): void {
  hash.name(role)
  hash.part(content, 0, content.length)
  for (const { id, name, arguments: text } of toolCalls) {
    hash.name(id)
    hash.name(name)
    hash.part(text, 0, text.length)
  }
  for (const image of images) {
    hash.name('image')
    hash.part(image, 0, image.length)
  }
  hash.name('')
}

/** Two 32-bit lanes with multipliers of their own, mixed at the end as murmur3 does. */
class RollingHash {
  #a = 0x2545f491
  #b = 0x1e3779b9
  #length = 0

  /** And its end, so that "ab" and "c" are not "a" and "bc". */
  name(name: string): void {
    this.#take(i => name.charCodeAt(i), 0, name.length)
    this.#take(() => noCharacter, 0, 1)
  }

  part(prompt: string | readonly number[], from: number, to: number): void {
    const isText = typeof prompt === 'string'
    const unitAt = isText ? (i: number) => prompt.charCodeAt(i) : (i: number) => prompt[i] ?? 0
    if (to - from <= longestWhole) this.#take(unitAt, from, to)
    else {
      this.#take(unitAt, from, from + longestWhole / 2)
      this.#take(unitAt, to - longestWhole / 2, to)
      this.name(String(to - from))
    }
    this.#length += (to - from) * (isText ? 1 : charactersPerToken)
  }

  prefix(): Prefix {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeInt32LE(mixed(this.#a ^ this.#b), 0)
    bytes.writeInt32LE(mixed(this.#b + Math.imul(this.#a, 0x85ebca6b)), 4)
    return { hash: bytes.toString('base64url'), length: this.#length }
  }

  /** The lanes are local while it runs: a megabyte of prompt takes milliseconds. */
  #take(unitAt: (i: number) => number, from: number, to: number): void {
    let a = this.#a
    let b = this.#b
    for (let i = from; i < to; i++) {
      const unit = unitAt(i)
      a = Math.imul(a ^ unit, 0x9e3779b1)
      a ^= a >>> 15
      b = (Math.imul(b ^ unit, 0x5f356495) + 0x52dce729) | 0
      b ^= b >>> 13
    }
    this.#a = a
    this.#b = b
  }
}

function mixed(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
