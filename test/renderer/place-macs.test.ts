import { describe, expect, test } from 'vitest'
import { placeMacs } from '../../renderer/cluster/place-macs.ts'

const widths = [280, 480, 700, 1100, 2200]
const counts = [1, 2, 3, 4, 5, 9, 14, 29, 49]
const cases = widths.flatMap(width => counts.map(others => ({ width, others })))

describe('the picture of the mesh', () => {
  test.each(cases)('has room for this Mac and $others others on $width pixels', ({ width, others }) => {
    const { height, self, others: points, isDense } = placeMacs(others, width)
    expect(points).toHaveLength(others)
    const all = [self, ...points]
    for (const { x, y } of all) {
      expect(x).toBeGreaterThanOrEqual(30)
      expect(x).toBeLessThanOrEqual(width - 30)
      expect(y).toBeGreaterThanOrEqual(30)
      expect(y).toBeLessThanOrEqual(height - 30)
    }
    const apart = all.flatMap((one, i) =>
      all.slice(i + 1).map(other => Math.hypot(one.x - other.x, one.y - other.y)),
    )
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(isDense ? 50 : 90)
  })

  test('is the same each time', () => {
    expect(placeMacs(9, 900)).toEqual(placeMacs(9, 900))
  })

  test('writes short names only where there is no room for long ones', () => {
    expect(placeMacs(2, 320).isDense).toBe(true)
    for (const others of [3, 4, 5, 9]) expect(placeMacs(others, 700).isDense).toBe(false)
    expect(placeMacs(29, 700).isDense).toBe(true)
  })
})
