// What a model takes of a Mac's memory, before anybody has loaded it there.

/** Beside its weights a model needs caches and buffers. */
const memoryPerWeightByte = 1.2
/** Of its memory a Mac gives this share to models, where its owner has set nothing else. */
const usualBudgetShare = 0.75
/** A model that takes more of the budget leaves no room for long texts, or for another model. */
const comfortableShare = 0.8

const gibibyte = 2 ** 30

export type Fit = 'well' | 'tight' | 'no'

export function memoryBytesOf(sizeBytes: number): number {
  return sizeBytes * memoryPerWeightByte
}

/** In GB of 2^30 bytes, with one digit behind the point. */
export function usualBudgetGB(memoryGB: number): number {
  return Math.round(memoryGB * usualBudgetShare * 10) / 10
}

/** How a model with weights of `sizeBytes` fits on a Mac with `memoryGB`, of which models may take `budgetGB`. */
export function fitOf(sizeBytes: number, memoryGB: number, budgetGB = usualBudgetGB(memoryGB)): Fit {
  const budgetBytes = Math.min(budgetGB, memoryGB) * gibibyte
  const needBytes = memoryBytesOf(sizeBytes)
  if (needBytes <= comfortableShare * budgetBytes) return 'well'
  return needBytes <= budgetBytes ? 'tight' : 'no'
}
