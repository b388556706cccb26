// The names of models, for people.

export interface ModelName {
  /** `Llama 3.2 3B Instruct` */
  readonly name: string
  /** `4-bit`; null where the id does not say. */
  readonly precision: string | null
}

const precisions = /[-_](\d+)[-_]?bit\b/i
const floats = /[-_](bf16|fp16|fp32)\b/i

/** What stands in an id like `mlx-community/Llama-3.2-3B-Instruct-4bit`. */
export function modelName(modelId: string): ModelName {
  const own = modelId.split('/').at(-1) ?? modelId
  const bits = precisions.exec(own)
  const float = floats.exec(own)
  const rest = own.replace(precisions, '').replace(floats, '').replace(/[-_]+/g, ' ').trim()
  return { name: rest || modelId, precision: bits ? `${bits[1]}-bit` : (float?.[1] ?? null) }
}

/** In one line: `Llama 3.2 3B Instruct, 4-bit` */
export function modelLine(modelId: string): string {
  const { name, precision } = modelName(modelId)
  return precision === null ? name : `${name}, ${precision}`
}
