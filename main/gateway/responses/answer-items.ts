// What a model says, piece by piece, as items of a response, and the events that tell of each.
import type { Piece, TokenLogprob } from '../../protocol/inference.ts'
import { describeLogprobs } from '../described-logprobs.ts'
import { type AnswerItem, type ItemStatus, makeItemId, type OutputText } from './items.ts'

export type Say = (type: string, fields: Readonly<Record<string, unknown>>) => void

export class AnswerItems {
  readonly items: AnswerItem[] = []
  /** Of the text that is being said. */
  #logprobs: unknown[] = []
  #open: AnswerItem | null = null
  readonly #say: Say

  constructor(say: Say) {
    this.#say = say
  }

  /** Log probabilities are told of text alone. */
  add(piece: Piece, logprobs: readonly TokenLogprob[] | undefined): void {
    switch (piece.type) {
      case 'text':
        if (piece.text !== '' || logprobs?.length) this.#text(piece.text, logprobs)
        break
      case 'reasoning':
        this.#reasoning(piece.text)
        break
      case 'call':
        this.#begin({
          id: makeItemId('function_call'),
          type: 'function_call',
          call_id: piece.id,
          name: piece.name,
          arguments: '',
          status: 'in_progress',
        })
        break
      case 'arguments':
        this.#arguments(piece.text)
    }
  }

  /** Nothing follows. An answer of nothing is an empty text. */
  end(status: 'completed' | 'incomplete'): void {
    if (this.items.length === 0) this.#beginText()
    this.#close(status)
  }

  /** It has failed: nobody is told of its end item by item. */
  cut(): void {
    if (this.#open) this.#open.status = 'incomplete'
  }

  #text(delta: string, logprobs: readonly TokenLogprob[] = []): void {
    const content = this.#openText() ?? this.#beginText()
    content.text += delta
    const told = describeLogprobs(logprobs)
    this.#logprobs.push(...told)
    const place = { ...this.#place(this.#open), content_index: 0 }
    this.#say('response.output_text.delta', { ...place, delta, logprobs: told })
  }

  #openText(): OutputText | null {
    const open = this.#open
    const [content] = open?.type === 'message' ? open.content : []
    return content?.type === 'output_text' ? content : null
  }

  #beginText(): OutputText {
    const common = { id: makeItemId('message'), type: 'message', role: 'assistant' } as const
    const item: AnswerItem = { ...common, status: 'in_progress', content: [] }
    this.#begin(item)
    this.#logprobs = []
    const part: OutputText = { type: 'output_text', text: '', annotations: [], logprobs: this.#logprobs }
    item.content.push(part)
    this.#say('response.content_part.added', { ...this.#place(item), content_index: 0, part })
    return part
  }

  #reasoning(delta: string): void {
    let open = this.#open
    if (open?.type !== 'reasoning') {
      open = {
        id: makeItemId('reasoning'),
        type: 'reasoning',
        status: 'in_progress',
        summary: [],
        content: [],
      }
      this.#begin(open)
    }
    let [content] = open.content
    const place = { ...this.#place(open), content_index: 0 }
    if (!content) {
      content = { type: 'reasoning_text', text: '' }
      open.content.push(content)
      this.#say('response.content_part.added', { ...place, part: content })
    }
    content.text += delta
    this.#say('response.reasoning_text.delta', { ...place, delta })
  }

  #arguments(delta: string): void {
    const open = this.#open
    if (open?.type !== 'function_call') return
    open.arguments += delta
    this.#say('response.function_call_arguments.delta', { ...this.#place(open), delta })
  }

  #begin(item: AnswerItem): void {
    this.#close('completed')
    this.items.push(item)
    this.#open = item
    this.#say('response.output_item.added', { output_index: this.items.length - 1, item })
  }

  #close(status: ItemStatus): void {
    const item = this.#open
    if (!item) return
    const place = this.#place(item)
    if (item.type === 'function_call') {
      const { name, arguments: text } = item
      this.#say('response.function_call_arguments.done', { ...place, name, arguments: text })
    } else {
      for (const [content_index, part] of item.content.entries()) {
        const at = { ...place, content_index }
        if (part.type === 'reasoning_text')
          this.#say('response.reasoning_text.done', { ...at, text: part.text })
        if (part.type === 'output_text')
          this.#say('response.output_text.done', { ...at, text: part.text, logprobs: part.logprobs })
        this.#say('response.content_part.done', { ...at, part })
      }
    }
    item.status = status
    this.#say('response.output_item.done', { output_index: place.output_index, item })
    this.#open = null
  }

  #place(item: AnswerItem | null) {
    return { item_id: item?.id, output_index: this.items.length - 1 }
  }
}
