import { describe, expect, test } from 'vitest'
import { fitOf, usualBudgetGB } from '../../main/protocol/model-memory.ts'

const gigabyte = 2 ** 30

describe('a model on a Mac', () => {
  test.each([
    // weights GB, memory GB, budget GB, how it fits
    [1.7, 8, undefined, 'well'],
    [4.2, 8, undefined, 'tight'],
    [5.1, 8, undefined, 'no'],
    [8, 16, undefined, 'well'],
    [9, 16, undefined, 'tight'],
    [16, 32, undefined, 'well'],
    [37, 64, undefined, 'tight'],
    [37, 128, undefined, 'well'],
    [1.7, 64, 2, 'no'],
    [1.7, 64, 2.1, 'tight'],
    [10, 16, 64, 'well'],
    [13, 16, 64, 'tight'],
    [16, 16, 64, 'no'],
    [0, 0, undefined, 'well'],
  ] as const)(
    'with %d GB of weights in %d GB (budget %s) fits: %s',
    (sizeGB, memoryGB, budgetGB, expected) => {
      expect(fitOf(sizeGB * gigabyte, memoryGB, budgetGB)).toBe(expected)
    },
  )

  test('may have three quarters of the memory where its owner has set nothing', () => {
    expect(usualBudgetGB(16)).toBe(12)
    expect(usualBudgetGB(36)).toBe(27)
    expect(usualBudgetGB(8.1)).toBe(6.1)
  })
})
