// Pictures that a request only names the address of: fetched here, where that is allowed, before a Mac is chosen.
import { maxRequestBytes } from '../protocol/inference.ts'
import { type AddressGuard, fetchOutside, NotFetched } from '../web/fetch-outside.ts'
import { type HttpError, invalid } from './errors.ts'
import { isWebAddress } from './images.ts'
import type { Part } from './plan.ts'

export interface ImageAddresses {
  /** Whether the configuration lets anything be fetched. */
  readonly allowed: boolean
  /** Of tests: where else than outside it may lead. */
  readonly guard?: AddressGuard
}

interface Fetched {
  readonly parts: readonly Part[]
  /** What the pictures take in memory, as text. */
  readonly bytes: number
}

const mostAddresses = 16
const mostBytes = 10 << 20
const withinMs = 15_000

/** Puts pictures in the place of their addresses. Throws HttpError 400. */
export async function fetchImages(
  parts: readonly Part[],
  { allowed, guard }: ImageAddresses,
  signal: AbortSignal,
): Promise<Fetched> {
  const places = placesOf(parts)
  const [first] = places.values()
  if (first === undefined) return { parts, bytes: 0 }
  if (!allowed) throw notAllowed(first)
  if (places.size > mostAddresses)
    throw refused(
      first,
      `a request may have ${mostAddresses} addresses of images, and this one has ${places.size}`,
    )
  const rules = { mostBytes, withinMs, ...(guard && { guard }) }
  const pictures = new Map(
    await Promise.all(
      [...places].map(async ([address, place]) => {
        const bytes = await fetchOutside(address, rules, signal).catch(error => {
          throw error instanceof NotFetched
            ? refused(place, `an image cannot be fetched: ${error.message}`)
            : error
        })
        return [address, dataUriOf(bytes, place)] as const
      }),
    ),
  )
  const bytes = [...pictures.values()].reduce((sum, { length }) => sum + length, 0)
  if (bytes > maxRequestBytes)
    throw refused(first, `its images have more than ${maxRequestBytes >> 20} MB in all`)
  return { parts: parts.map(part => withPictures(part, pictures)), bytes }
}

/** Each address with the place where it stands first. */
function placesOf(parts: readonly Part[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const { sequence } of parts)
    for (const [at, { images = [] }] of (sequence.messages ?? []).entries())
      for (const image of images)
        if (isWebAddress(image) && !places.has(image)) places.set(image, `messages[${at}].content`)
  return places
}

function withPictures(part: Part, pictures: ReadonlyMap<string, string>): Part {
  const messages = part.sequence.messages?.map(message =>
    message.images
      ? { ...message, images: message.images.map(image => pictures.get(image) ?? image) }
      : message,
  )
  return messages ? { ...part, sequence: { ...part.sequence, messages } } : part
}

/** What it is its bytes say: whoever serves it may say anything. */
function dataUriOf(bytes: Buffer, place: string): string {
  const kind = kinds.find(([at, mark]) => bytes.subarray(at, at + mark.length).toString('latin1') === mark)
  if (!kind) throw refused(place, 'what lies at an address is no png, jpeg, webp or gif')
  return `data:image/${kind[2]};base64,${bytes.toString('base64')}`
}

const kinds = [
  [0, '\x89PNG\r\n\x1a\n', 'png'],
  [0, '\xff\xd8\xff', 'jpeg'],
  [8, 'WEBP', 'webp'],
  [0, 'GIF8', 'gif'],
] as const

function notAllowed(place: string): HttpError {
  return refused(
    place,
    'addresses of images are not fetched here: send the picture itself as data:image/png;base64,… or allow it with models.images.allow_urls',
  )
}

function refused(place: string, why: string): HttpError {
  return invalid(place, `Invalid value for '${place}': ${why}.`)
}
