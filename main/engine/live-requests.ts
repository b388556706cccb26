// The requests that one model process is working on: each gets its share of the frames as a stream of its own.
import { MeshError } from '../protocol/errors.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { EmbedRequest, EngineEvent, GenerateRequest } from './engine.ts'
import type { Frame, StepFrame } from './frames.ts'
import { embedCommand, generateCommand } from './generate-command.ts'

type Send = (command: Readonly<Record<string, unknown>>) => void

export class LiveRequests {
  readonly #send: Send
  readonly #streams = new Map<number, PushStream<EngineEvent>>()
  #lastId = 0

  constructor(send: Send) {
    this.#send = send
  }

  get size(): number {
    return this.#streams.size
  }

  /** Leaving the stream early cancels the request. */
  begin(request: GenerateRequest): AsyncIterable<EngineEvent> {
    return this.#begin(id => generateCommand(id, request))
  }

  embed(request: EmbedRequest): AsyncIterable<EngineEvent> {
    return this.#begin(id => embedCommand(id, request))
  }

  #begin(commandOf: (id: number) => Readonly<Record<string, unknown>>): AsyncIterable<EngineEvent> {
    const id = ++this.#lastId
    const stream = new PushStream<EngineEvent>(() => {
      if (this.#streams.delete(id)) this.#send({ op: 'cancel', id })
    })
    this.#streams.set(id, stream)
    this.#send(commandOf(id))
    return stream
  }

  /** Frames of requests that have been left are dropped. */
  take(frame: Frame): void {
    switch (frame.ev) {
      case 'step':
        this.#step(frame)
        return
      case 'started': {
        const { id, promptTokens, cachedTokens } = frame
        this.#streams.get(id)?.push({ type: 'started', promptTokens, cachedTokens })
        return
      }
      case 'prefill': {
        const { id, doneTokens, totalTokens } = frame
        this.#streams.get(id)?.push({ type: 'prefill', doneTokens, totalTokens })
        return
      }
      case 'vectors':
        this.#streams.get(frame.id)?.push({ type: 'vectors', base64: frame.data })
        return
      case 'echo': {
        const { id, text, tokens } = frame
        this.#streams.get(id)?.push({ type: 'echo', text, logprobs: tokens ?? null })
        return
      }
      case 'error': {
        if (frame.id === null) return
        this.#fail(frame.id, new MeshError(frame.code, frame.message, { param: frame.param }))
      }
    }
  }

  failAll(error: MeshError): void {
    for (const id of [...this.#streams.keys()]) this.#fail(id, error)
  }

  #step(frame: StepFrame): void {
    for (const [id, text, ids, logprobs, pieces] of frame.t) {
      const rest = { pieces: pieces ?? null, logprobs: logprobs ?? null }
      this.#streams.get(id)?.push({ type: 'tokens', text, ids, ...rest })
    }
    for (const [id, finishReason, completionTokens, stop, times] of frame.d) {
      const stream = this.#streams.get(id)
      this.#streams.delete(id)
      const timings = times && { waitedMs: times[0], readMs: times[1], wroteMs: times[2] }
      const more = { ...(stop !== null && { stop }), timings }
      stream?.push({ type: 'done', finishReason, completionTokens, ...more })
      stream?.end()
    }
  }

  #fail(id: number, error: MeshError): void {
    const stream = this.#streams.get(id)
    this.#streams.delete(id)
    stream?.fail(error)
  }
}
