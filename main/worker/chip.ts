import type { Hardware } from '../protocol/workers.ts'

const variants = new Map<string, Hardware['variant']>([
  ['Pro', 'pro'],
  ['Max', 'max'],
  ['Ultra', 'ultra'],
])

/** "Apple M2 Pro" is generation 2, variant pro. What is no Apple chip is generation 0, variant other. */
export function parseChip(brand: string): Pick<Hardware, 'chipModel' | 'chipGeneration' | 'variant'> {
  const chipModel = brand.trim() || 'unknown'
  const [found, generation, variant] = /^Apple M(\d+)(?: (\w+))?/.exec(chipModel) ?? []
  if (found === undefined) return { chipModel, chipGeneration: 0, variant: 'other' }
  return { chipModel, chipGeneration: Number(generation), variant: variants.get(variant ?? '') ?? 'base' }
}
