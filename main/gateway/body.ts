import { isUtf8 } from 'node:buffer'
import type { ByteAllowance } from '../protocol/byte-allowance.ts'
import { MeshError } from '../protocol/errors.ts'
import { faultOf } from '../protocol/json.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'

/** A body that is longer takes its length from the allowance; whoever has read it gives `exchange.largeBodyBytes` back. */
interface LargeBodies {
  readonly fromBytes: number
  readonly allowance: ByteAllowance
}

/** The JSON value of the body, whatever its content type says. Throws HttpError, MeshError OVERLOADED without an allowance. */
export async function readJson(
  exchange: Exchange,
  limitBytes: number,
  large?: LargeBodies,
): Promise<unknown> {
  const { req, res } = exchange
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const encoding = req.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new HttpError(
      415,
      'unsupported_content_encoding',
      `A body in ${encoding} is not taken: send it as it is.`,
    )
  if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
  const bytes = await readBytes(exchange, limitBytes, large)
  if (!isUtf8(bytes)) throw malformed('it is not valid UTF-8')
  try {
    return JSON.parse(bytes.toString())
  } catch (thrown) {
    throw malformed(bytes.length === 0 ? 'it is empty' : faultOf(thrown))
  }
}

function readBytes(exchange: Exchange, limitBytes: number, large?: LargeBodies): Promise<Buffer> {
  const { req } = exchange
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    req.on('data', collect).once('end', end).once('close', close)

    function collect(chunk: Buffer): void {
      length += chunk.length
      if (length > limitBytes) refuse(tooLarge(limitBytes))
      else if (large && length > large.fromBytes && !hasRoom(large)) refuse(tooManyLarge())
      else chunks.push(chunk)
    }

    function hasRoom({ allowance }: LargeBodies): boolean {
      if (exchange.largeBodyBytes > 0) return true
      const lengthBytes = Number(req.headers['content-length'] ?? limitBytes)
      if (!allowance.take(lengthBytes)) return false
      exchange.largeBodyBytes = lengthBytes
      return true
    }

    function refuse(error: Error): void {
      leave()
      chunks.length = 0
      reject(error)
    }

    function end(): void {
      leave()
      const [first] = chunks
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks))
    }

    function close(): void {
      leave()
      reject(new MeshError('CANCELLED', 'The client went away in the middle of its request.'))
    }

    function leave(): void {
      req.off('data', collect).off('end', end).off('close', close)
    }
  })
}

function tooLarge(limitBytes: number): HttpError {
  const limit = `${Math.floor(limitBytes / 1024)} KiB`
  return new HttpError(413, 'request_too_large', `The body is too large: at most ${limit} are accepted.`)
}

/** The answer to a request for which there is no room beside the others. */
export function tooManyLarge(): MeshError {
  const message = 'This gateway already has too many large requests in hand.'
  return new MeshError('OVERLOADED', message, { retryAfterMs: 1000 })
}

function malformed(why: string): HttpError {
  return new HttpError(400, 'invalid_json', `The body of the request could not be read as JSON: ${why}.`)
}
