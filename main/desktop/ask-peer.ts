// Questions and orders to the peer over HTTP. The app shows this Mac's token: its owner may want a key of every program else.
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { appTokenHeader } from '../protocol/page.ts'

const answerWithinMs = 10_000
const probeWithinMs = 3000
/** The doctor looks at every part before the first byte of its bundle. */
const fileWithinMs = 120_000

/** Whether it answers at all, be it well or not. Never rejects. */
export async function probePeer(url: string): Promise<boolean> {
  try {
    const answer = await ask(`${url}/health`, { withinMs: probeWithinMs })
    answer.resume()
    return true
  } catch {
    return false
  }
}

/** Rejects with what the peer says, for a reader. */
export async function orderPeer({ url, token }: PeerAddress, path: string, body: object): Promise<void> {
  const answer = await ask(url + path, { token, body: JSON.stringify(body) })
  const said = await text(answer)
  if (isSuccess(answer)) return
  throw new Error(messageIn(said) ?? `the peer answered with ${answer.statusCode}`)
}

/** Into a new file or none: what is half there is removed. */
export async function savePeerFile({ url, token }: PeerAddress, path: string, file: string): Promise<void> {
  const answer = await ask(url + path, { token, withinMs: fileWithinMs })
  if (!isSuccess(answer))
    throw new Error(messageIn(await text(answer)) ?? `the peer answered with ${answer.statusCode}`)
  const draft = `${file}.partial`
  try {
    await pipeline(answer, createWriteStream(draft, { mode: 0o600 }))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

interface PeerAddress {
  readonly url: string
  readonly token: string
}

interface AskOptions {
  readonly token?: string
  readonly body?: string
  /** Of silence. */
  readonly withinMs?: number
}

function ask(url: string, { token, body, withinMs = answerWithinMs }: AskOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...(token ? { [appTokenHeader]: token } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    }
    const asking = request(url, { method: body === undefined ? 'GET' : 'POST', headers }, resolve)
    asking.setTimeout(withinMs, () => asking.destroy(new Error('the peer does not answer')))
    asking.on('error', reject)
    asking.end(body)
  })
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300
}

/** OpenAI's envelope. */
function messageIn(said: string): string | null {
  try {
    const { error } = JSON.parse(said)
    return typeof error?.message === 'string' ? error.message : null
  } catch {
    return null
  }
}
