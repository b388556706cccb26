// Fetches one file behind the bytes that are there, until its content is the one that the hub announced.
// Each piece is hashed as it is written, so that a file of gigabytes is not read once more at its end.
import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { Passing, refusalOf, troubleOf, unreachable } from './hub-error.ts'
import { askHub, type HubAddress } from './hub-http.ts'
import type { HubOffer } from './hub-offer.ts'
import { Patience } from './patience.ts'

export interface FetchOptions {
  readonly hub: HubAddress
  readonly offer: HubOffer
  /** It exists; its files are as an earlier attempt at the same offer left them. */
  readonly folder: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface WantedFile {
  readonly name: string
  readonly sizeBytes: number
  /** The bytes of this file that are there now. */
  readonly onBytes: (bytes: number) => void
}

/** When the power goes, so much of the end of a file may be lost without its length showing it. */
const syncEveryBytes = 16 << 20
/** What a connection must have brought so that its end does not count as a failure. */
const gainBytes = 64 << 10
const readBytes = 256 << 10

/** Rejects with the reason of the signal, with MeshError, and as the disk does. */
export async function fetchFile(wanted: WantedFile, options: FetchOptions): Promise<void> {
  const path = join(options.folder, wanted.name)
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  try {
    await new FileFetch(file, wanted, options).run()
  } finally {
    await file.close()
  }
}

class FileFetch {
  readonly #file: FileHandle
  readonly #wanted: WantedFile
  readonly #options: FetchOptions
  readonly #announced: string
  #hash: Hash
  #doneBytes = 0
  #syncedBytes = 0

  constructor(file: FileHandle, wanted: WantedFile, options: FetchOptions) {
    this.#file = file
    this.#wanted = wanted
    this.#options = options
    this.#announced = options.offer.hashes[wanted.name] ?? ''
    this.#hash = this.#newHash()
  }

  async run(): Promise<void> {
    const { sizeBytes } = this.#wanted
    const lengthBytes = Math.min((await this.#file.stat()).size, sizeBytes)
    await this.#keep(lengthBytes)
    if (lengthBytes === sizeBytes && this.#isRight()) return
    await this.#keep(Math.max(0, lengthBytes - syncEveryBytes))
    await this.#fetchRest()
    await this.#file.sync()
    if (this.#isRight()) return
    await this.#file.truncate(0)
    throw this.#wrong('does not have the content that was announced. Load it again to fetch that file anew')
  }

  async #fetchRest(): Promise<void> {
    const { hub, offer, clock, signal } = this.#options
    const patience = new Patience(clock)
    let mostBytes = this.#doneBytes
    while (this.#doneBytes < this.#wanted.sizeBytes) {
      try {
        const answer = await this.#ask()
        // A server that gives whole files only sends once more what is here already.
        await this.#takeFrom(answer, answer.statusCode === 200 ? this.#doneBytes : 0)
        if (this.#doneBytes < this.#wanted.sizeBytes) throw new Passing('the connection was cut')
      } catch (thrown) {
        if (isOfDisk(thrown)) throw thrown
        const trouble = troubleOf(thrown, offer.modelId, hub, signal)
        if (!(trouble instanceof Passing)) throw trouble
        if (this.#doneBytes - mostBytes >= gainBytes) patience.gained()
        mostBytes = Math.max(mostBytes, this.#doneBytes)
        await patience.failed(trouble, trouble.retryAfterMs, signal).catch(ended => {
          throw ended === trouble ? unreachable(trouble, hub) : ended
        })
      }
    }
  }

  /** The answer, with this file's bytes from where we are. */
  async #ask(): Promise<IncomingMessage> {
    const { hub, offer, signal } = this.#options
    const { name, sizeBytes } = this.#wanted
    const path = `/${offer.modelId}/resolve/${offer.commit}/${name.split('/').map(encodeURIComponent).join('/')}`
    const answer = await askHub(hub, path, { range: `bytes=${this.#doneBytes}-` }, signal)
    try {
      const refusal = refusalOf(answer, offer.modelId, hub)
      if (refusal) throw refusal
      const { 'content-range': range, 'content-length': length } = answer.headers
      const hasSize =
        answer.statusCode === 200
          ? length === undefined || Number(length) === sizeBytes
          : range === `bytes ${this.#doneBytes}-${sizeBytes - 1}/${sizeBytes}`
      if (!hasSize) throw this.#wrong('does not have the size that was announced')
      return answer
    } catch (thrown) {
      answer.destroy()
      throw thrown
    }
  }

  async #takeFrom(answer: AsyncIterable<Buffer>, skipBytes: number): Promise<void> {
    let toSkip = skipBytes
    for await (const came of answer) {
      const piece = came.subarray(toSkip)
      toSkip -= came.length - piece.length
      if (piece.length > this.#wanted.sizeBytes - this.#doneBytes)
        throw this.#wrong('is longer than was announced')
      for (let at = 0; at < piece.length; ) {
        at += (await this.#file.write(piece, at, piece.length - at, this.#doneBytes + at)).bytesWritten
      }
      this.#hash.update(piece)
      this.#doneBytes += piece.length
      this.#wanted.onBytes(this.#doneBytes)
      if (this.#doneBytes - this.#syncedBytes < syncEveryBytes) continue
      await this.#file.datasync()
      this.#syncedBytes = this.#doneBytes
    }
  }

  /** Goes on behind so many bytes of what the file holds. */
  async #keep(bytes: number): Promise<void> {
    await this.#file.truncate(bytes)
    this.#hash = this.#newHash()
    const piece = Buffer.alloc(Math.min(readBytes, bytes))
    for (let at = 0; at < bytes; ) {
      this.#options.signal.throwIfAborted()
      const { bytesRead } = await this.#file.read(piece, 0, Math.min(piece.length, bytes - at), at)
      if (bytesRead === 0) throw new Error(`${this.#wanted.name} became shorter while it was read.`)
      this.#hash.update(piece.subarray(0, bytesRead))
      at += bytesRead
    }
    this.#doneBytes = bytes
    this.#syncedBytes = bytes
    this.#wanted.onBytes(bytes)
  }

  /** Large files are known by the sha256 of their content, others by their id as a blob of git. */
  #newHash(): Hash {
    if (this.#announced.length === 64) return createHash('sha256')
    return createHash('sha1').update(`blob ${this.#wanted.sizeBytes}\0`)
  }

  #isRight(): boolean {
    return this.#hash.copy().digest('hex') === this.#announced
  }

  #wrong(what: string): MeshError {
    const { offer, hub } = this.#options
    const message = `${this.#wanted.name} of ${offer.modelId}, as it came from ${hub.endpoint.host}, ${what}.`
    return new MeshError('MODEL_LOAD_FAILED', message)
  }
}

/** The disk's troubles have a code that no socket has. */
function isOfDisk(thrown: unknown): boolean {
  const codes = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EBADF']
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code))
}
