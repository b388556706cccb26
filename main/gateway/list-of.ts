import { z } from 'zod'

/** A list that is checked up to its first bad item: zod alone makes a complaint of each, and there may be a million. */
export function listOf<Item extends z.ZodType>(item: Item, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  return z.preprocess(list => upToBad(list, item), z.array(item).min(min).max(max))
}

function upToBad(list: unknown, item: z.ZodType): unknown {
  if (!Array.isArray(list)) return list
  const bad = list.findIndex(value => !item.safeParse(value).success)
  return bad < 0 ? list : list.slice(0, bad + 1)
}
