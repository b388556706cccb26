// How large a model is, and what the configuration asks of a Mac for its size: hints, never a reason to refuse.
import type { Candidate, TierNeeds } from './candidate.ts'

export type Tier = '30B+' | '13-27B' | '7-13B' | '3-7B' | '<3B'

/** Parameters that a name states, `7B`, `135M`, `8x7B`, or else what so many bytes of weights hold. */
export function tierOf(modelId: string, sizeBytes: number): Tier {
  const billions = statedBillions(modelId) ?? sizeBytes / bytesPerParameter(modelId) / 1e9
  if (billions > 27) return '30B+'
  if (billions >= 13) return '13-27B'
  if (billions >= 7) return '7-13B'
  return billions >= 3 ? '3-7B' : '<3B'
}

/** A machine whose GPU cores are not known is judged by its memory alone. */
export function meetsTier({ hardware }: Pick<Candidate, 'hardware'>, needs: TierNeeds): boolean {
  const { gpuCores, unifiedMemoryGB } = hardware
  return (gpuCores === 0 || gpuCores >= needs.minGpuCores) && unifiedMemoryGB >= needs.minMemoryGB
}

export function isPreferred({ hardware, names }: Candidate, needs: TierNeeds): boolean {
  const chip = hardware.chipModel.toLowerCase()
  return (
    needs.preferredChips.some(part => chip.includes(part.toLowerCase())) ||
    needs.preferredWorkers.some(name => names.includes(name))
  )
}

/** Of `Qwen3-30B-A3B` the first: all of its parameters are in memory. */
function statedBillions(modelId: string): number | null {
  const name = modelId.slice(modelId.lastIndexOf('/') + 1)
  const found = /(?:^|[-_ ])(?:(\d+)x)?(\d+(?:\.\d+)?)([bm])(?![a-z\d])/i.exec(name)
  if (!found) return null
  const [, experts = '1', size, unit = ''] = found
  return (Number(experts) * Number(size)) / (unit.toLowerCase() === 'm' ? 1000 : 1)
}

/** Quantized weights carry a scale and a bias for each group of 64: half a bit for each parameter. */
function bytesPerParameter(modelId: string): number {
  if (/(?:bf|fp|f)16/i.test(modelId)) return 2
  const bits = Number(/(\d+)-?bit/i.exec(modelId)?.[1] ?? 4)
  return (bits + 0.5) / 8
}
