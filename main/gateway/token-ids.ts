import { z } from 'zod'
import { listOf } from './list-of.ts'

/** A body of nothing else has not as many. */
const mostIds = 1 << 24

/** A text as the model's own numbers for it. */
export const tokenIds = listOf(z.number().int().min(0), { min: 1, max: mostIds, isGood: isTokenId })

function isTokenId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
