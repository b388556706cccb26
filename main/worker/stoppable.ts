/** The same events; an abort leaves the loop at once, also while it waits for the next event. */
export function stoppable<T>(events: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const iterator = events[Symbol.asyncIterator]()
  signal.addEventListener('abort', () => void iterator.return?.(), { once: true })
  return { [Symbol.asyncIterator]: () => iterator }
}
