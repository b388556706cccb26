import type { Bounds } from './app-file.ts'

const standard = { width: 1180, height: 780 }
export const smallest = { width: 360, height: 480 }
/** So much of the title bar must be on a screen that one can take hold of it. */
const gripPixels = 80

/**
 * Where to open the window: as it was, if that is on a screen that is there now, and not larger than it; else in the
 * middle of the first screen.
 */
export function fitBounds(kept: Bounds | null, screens: readonly Bounds[]): Bounds {
  const screen = kept && screens.find(area => holdsGrip(kept, area))
  if (kept && screen) {
    const width = clamp(kept.width, smallest.width, screen.width)
    const height = clamp(kept.height, smallest.height, screen.height)
    return {
      x: clamp(kept.x, screen.x, screen.x + screen.width - width),
      y: clamp(kept.y, screen.y, screen.y + screen.height - height),
      width,
      height,
    }
  }
  const [first = { x: 0, y: 0, ...standard }] = screens
  const width = Math.min(standard.width, first.width)
  const height = Math.min(standard.height, first.height)
  return {
    x: first.x + Math.round((first.width - width) / 2),
    y: first.y + Math.round((first.height - height) / 2),
    width,
    height,
  }
}

function holdsGrip({ x, y, width }: Bounds, area: Bounds): boolean {
  const left = Math.max(x, area.x)
  const right = Math.min(x + width, area.x + area.width)
  return (
    right - left >= gripPixels && y >= area.y - gripPixels / 2 && y < area.y + area.height - gripPixels / 2
  )
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, Math.max(low, high)))
}
