// Fetches what somebody else has named an address for: a few bytes, soon, and never from inside the owner's network.
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { LookupFunction } from 'node:net'
import { urlToHttpOptions } from 'node:url'
import { lookupOutside, refuseInside, WrongRedirect } from './address-check.ts'

export interface FetchRules {
  readonly mostBytes: number
  /** For all of it, redirects and all. */
  readonly withinMs: number
  readonly guard?: AddressGuard
}

/** Says where connections may lead, each time that one is made: a name may lead elsewhere a moment later. */
export interface AddressGuard {
  /** Throws for a host that is written as an address. */
  readonly refuse: (hostname: string) => void
  readonly lookup: LookupFunction
}

const outsideOnly: AddressGuard = { refuse: refuseInside, lookup: lookupOutside }
const mostRedirects = 3

/** Why it could not be had, for whoever named the address. */
export class NotFetched extends Error {}

/** Rejects with NotFetched, and with the reason of the signal. */
export async function fetchOutside(address: string, rules: FetchRules, outer: AbortSignal): Promise<Buffer> {
  const timer = AbortSignal.timeout(rules.withinMs)
  const signal = AbortSignal.any([outer, timer])
  try {
    return await fetchWith(address, rules, signal)
  } catch (error) {
    outer.throwIfAborted()
    if (timer.aborted) throw new NotFetched(`it took longer than ${Math.round(rules.withinMs / 1000)} s`)
    if (error instanceof NotFetched) throw error
    if (error instanceof WrongRedirect) throw new NotFetched(error.message.replace(/\.$/, ''))
    throw new NotFetched('its server cannot be reached')
  }
}

async function fetchWith(address: string, rules: FetchRules, signal: AbortSignal): Promise<Buffer> {
  const { refuse, lookup } = rules.guard ?? outsideOnly
  let url = parse(address, undefined)
  for (let hops = 0; hops <= mostRedirects; hops++) {
    refuse(url.hostname)
    const answer = await ask(url, lookup, signal)
    const { statusCode = 0, headers } = answer
    if (statusCode === 200) return await bytesOf(answer, rules.mostBytes)
    answer.destroy()
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
      throw new NotFetched(`its server answers ${statusCode}`)
    url = parse(headers.location, url)
  }
  throw new NotFetched('it leads from one address to the next without an end')
}

function parse(address: string, base: URL | undefined): URL {
  const url = URL.canParse(address, base?.href) ? new URL(address, base) : null
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb || url.username || url.password) throw new NotFetched('it is no address of the web')
  return url
}

function ask(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestSecure : requestPlain
    const headers = { 'user-agent': 'mlx-mesh', 'accept-encoding': 'identity', accept: 'image/*' }
    // A connection of its own: one that is kept would lead where an earlier look-up led.
    const asking = request({ ...urlToHttpOptions(url), lookup, headers, signal, agent: false }, resolve)
    asking.on('error', reject)
    asking.end()
  })
}

async function bytesOf(answer: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    // Leaving the loop ends the connection.
    if (bytes > mostBytes) throw new NotFetched(`it has more than ${mostBytes >> 20} MB`)
    chunks.push(chunk)
  }
  if (!answer.complete) throw new NotFetched('its server broke off')
  return Buffer.concat(chunks)
}
