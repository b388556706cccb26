// What streams of one model cost each other, as far as it can be said without knowing the Mac.

/**
 * The share of a lone stream's speed that a stream gets beside `others`. Decoding reads all weights once a step however
 * many streams there are, so the first few cost little; by some eight the GPU computes as long as it reads, and from
 * there on they divide what there is. A reckoning, not a measurement: it only has to put Macs in the right order.
 */
export function shareBeside(others: number): number {
  return streamsThatHalve / (streamsThatHalve + others)
}

const streamsThatHalve = 8
