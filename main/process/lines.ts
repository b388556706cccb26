// Cuts a stream into lines. A hot path: one buffer may hold hundreds of them.
import type { Readable } from 'node:stream'

/** Longer lines than this are dropped: something else than a line-wise program is talking. */
const longestLineChars = 32 * 1024 * 1024

/**
 * Calls `onLine` with each line, without its end; a last line needs none. Resolves at the end of the stream, also when
 * it breaks. A line over `longestChars` is left out and reported to `onDropped`.
 */
export function readLines(
  stream: Readable,
  onLine: (line: string) => void,
  options: { longestChars?: number; onDropped?: () => void } = {},
): Promise<void> {
  const longestChars = options.longestChars ?? longestLineChars
  let begun = ''
  let dropping = false

  const drop = () => {
    begun = ''
    dropping = true
    options.onDropped?.()
  }

  const finish = (rest: string) => {
    const line = begun + rest
    begun = ''
    if (dropping) dropping = false
    else if (line.length > longestChars) options.onDropped?.()
    else onLine(line)
  }

  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    let from = 0
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      finish(chunk.slice(from, end))
      from = end + 1
    }
    if (from === chunk.length || dropping) return
    begun += chunk.slice(from)
    if (begun.length > longestChars) drop()
  })

  return new Promise(resolve => {
    stream.once('end', () => {
      if (begun !== '') finish('')
    })
    stream.once('error', () => resolve())
    stream.once('close', () => resolve())
  })
}
