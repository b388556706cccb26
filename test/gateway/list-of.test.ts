import { expect, test } from 'vitest'
import { z } from 'zod'
import { listOf } from '../../main/gateway/list-of.ts'

test('a valid list of lists has each of its items checked once', () => {
  const seen: unknown[] = []
  const item = z.number().refine(value => seen.push(value))
  const lists = [[1, 2], [3]]
  expect(listOf(listOf(item)).parse(lists)).toEqual(lists)
  expect(seen).toEqual([1, 2, 3])
})

test('a list is complained of once, at its first bad item', () => {
  const { error } = listOf(listOf(z.number())).safeParse([[1], [2, 'x', 'y'], 'z'])
  expect(error?.issues).toMatchObject([{ code: 'invalid_type', path: [1, 1] }])
})
