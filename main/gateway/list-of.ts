import { z } from 'zod'

/** A list that is checked up to its first bad item: zod alone makes a complaint of each, and there may be a million. */
export function listOf<Item extends z.ZodType>(item: Item, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  return z
    .array(z.unknown())
    .transform((list, context) => {
      const items: z.output<Item>[] = []
      for (const [index, value] of list.entries()) {
        const result = item.safeParse(value)
        if (!result.success) {
          const [issue] = result.error.issues
          if (issue) context.addIssue({ ...issue, path: [index, ...issue.path] })
          return z.NEVER
        }
        items.push(result.data)
      }
      return items
    })
    .check(z.minLength(min), z.maxLength(max))
}
