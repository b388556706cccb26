import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { MeshError } from '../protocol/errors.ts'
import { faultOf } from '../protocol/json.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'

/** The JSON value of the body, whatever its content type says. Throws HttpError. */
export async function readJson({ req, res }: Exchange, limitBytes: number): Promise<unknown> {
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const encoding = req.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new HttpError(
      415,
      'unsupported_content_encoding',
      `A body in ${encoding} is not taken: send it as it is.`,
    )
  if (req.headers.expect?.toLowerCase() === '100-continue') res.writeContinue()
  const bytes = await readBytes(req, limitBytes)
  if (!isUtf8(bytes)) throw malformed('it is not valid UTF-8')
  try {
    return JSON.parse(bytes.toString())
  } catch (thrown) {
    throw malformed(bytes.length === 0 ? 'it is empty' : faultOf(thrown))
  }
}

function readBytes(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    req.on('data', collect).once('end', end).once('close', close)

    function collect(chunk: Buffer): void {
      length += chunk.length
      if (length <= limitBytes) chunks.push(chunk)
      else {
        leave()
        chunks.length = 0
        reject(tooLarge(limitBytes))
      }
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

function malformed(why: string): HttpError {
  return new HttpError(400, 'invalid_json', `The body of the request could not be read as JSON: ${why}.`)
}
