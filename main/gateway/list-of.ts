import { z } from 'zod'

/** No list of a request that makes sense is longer, where nothing else is said. */
const mostItems = 1 << 16

interface ListOptions<T> {
  readonly min?: number
  readonly max?: number
  /** Passes over zod, which takes a third of a microsecond for an item, where there may be ten million. */
  readonly isGood?: (value: unknown) => value is T
}

/**
 * A list that is checked up to its first bad item: zod alone makes a complaint of each, and there may be a million. One
 * that is too long is not looked into.
 */
export function listOf<Item extends z.ZodType>(
  item: Item,
  { min = 0, max = mostItems, isGood }: ListOptions<z.output<Item>> = {},
) {
  return z.unknown().transform((list, context): z.output<Item>[] => {
    const refuse = (issue: Parameters<typeof context.addIssue>[0]) => {
      context.addIssue(issue)
      return z.NEVER
    }
    if (!Array.isArray(list)) return refuse({ code: 'invalid_type', expected: 'array', input: list })
    if (list.length > max)
      return refuse({ code: 'too_big', origin: 'array', maximum: max, inclusive: true, input: list })
    if (list.length < min)
      return refuse({ code: 'too_small', origin: 'array', minimum: min, inclusive: true, input: list })
    const firstUnknown = isGood ? list.findIndex(value => !isGood(value)) : 0
    if (firstUnknown < 0) return list
    const items: z.output<Item>[] = list.slice(0, firstUnknown)
    for (const value of list.slice(firstUnknown)) {
      const result = item.safeParse(value)
      if (!result.success) {
        const [issue] = result.error.issues
        return issue ? refuse({ ...issue, path: [items.length, ...issue.path] }) : z.NEVER
      }
      items.push(result.data)
    }
    return items
  })
}
