// How what is longer than a message travels: whoever wants it asks for its bytes in parts that a token can overtake.

/** A longer message holds up the tokens of others: 15 MB in one delayed them by 217 ms, in parts of this size by 19. */
export const partBytes = 128 * 1024

/** The first byte of a part: the bytes that were asked for follow, or words that say why there are none. */
const holdsBytes = 1
const holdsReason = 0

/** An empty part: its bytes go behind its first one. */
export function makePart(length: number): Uint8Array {
  const part = new Uint8Array(1 + length)
  part[0] = holdsBytes
  return part
}

export function makeRefusal(reason: string): Uint8Array {
  return Uint8Array.of(holdsReason, ...new TextEncoder().encode(reason))
}

/** The bytes, or the reason why there are none. */
export function openPart(data: Uint8Array): Uint8Array | string {
  const rest = data.subarray(1)
  return data[0] === holdsBytes ? rest : new TextDecoder().decode(rest)
}
