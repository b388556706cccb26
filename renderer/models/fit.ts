/** How well a model suits a Mac: with room to spare, only just, or not at all. */
export type Fit = 'well' | 'tight' | 'no'

/** Beside its weights a model needs caches and buffers. */
const memoryPerWeightByte = 1.2
/** Of its memory a Mac gives this share to models, where its owner has set nothing else. */
const budgetShare = 0.75
/** A model that takes more of the budget leaves no room for long texts, or for another model. */
const comfortableShare = 0.8

const gibibyte = 2 ** 30

/** `memoryGB` is all of a Mac's, in GB of 2^30 bytes. */
export function fitOf(sizeBytes: number, memoryGB: number): Fit {
  const budgetBytes = memoryGB * budgetShare * gibibyte
  const needBytes = sizeBytes * memoryPerWeightByte
  if (needBytes <= comfortableShare * budgetBytes) return 'well'
  return needBytes <= budgetBytes ? 'tight' : 'no'
}

export const fitWords: Readonly<Record<Fit, string>> = {
  well: 'Fits well',
  tight: 'Fits tightly',
  no: 'Does not fit',
}
