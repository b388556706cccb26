// Where each Mac stands in the picture: this one in the middle, the others around it. Pure; pixels.

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Little room: small discs, short names. */
  readonly isDense: boolean
  /** Of the discs: few Macs are drawn larger. */
  readonly scale: number
  /** Lines go behind other Macs. */
  readonly isCrowded: boolean
  readonly self: Point
  readonly others: readonly Point[]
}

/** What one Mac takes, with its words; `edge`: from its middle to their end; `apart`: on an oval, which has a least height. */
const roomy = { width: 136, height: 116, edge: 88, apart: 120, lowestOval: 412 }
const dense = { width: 74, height: 64, edge: 36, apart: 74, lowestOval: 340 }
type Slot = typeof roomy

const wideFrom = 560
const rowHeight = { wide: 228, narrow: 216, dense: 168 }
const rowScale = { roomy: 1.5, dense: 1.4 }
const highestOval = 480
const ovalGrowth = 22

/** A row, else an oval, else, where that is too short, rows around this Mac. */
export function placeMacs(others: number, width: number): Layout {
  if (others <= 2) return inRow(others, width, width >= (others + 1) * roomy.width ? roomy : dense)
  const slots = width >= wideFrom ? [roomy, dense] : [dense]
  for (const slot of slots) {
    const height = Math.min(highestOval, Math.max(slot.lowestOval, 280 + ovalGrowth * others))
    const oval = onOval(others, width, height, slot)
    if (oval) return oval
  }
  return inRows(others, width)
}

function inRow(others: number, width: number, slot: Slot): Layout {
  const height = slot === dense ? rowHeight.dense : width < wideFrom ? rowHeight.narrow : rowHeight.wide
  const y = height / 2 - 18
  const scale = slot === roomy ? rowScale.roomy : rowScale.dense
  const apart = Math.min((width - slot.width) / 2, 3 * slot.width)
  if (others === 1) {
    const half = Math.min(1.2 * slot.width, (width - slot.width) / 2)
    const macs = { self: { x: width / 2 - half, y }, others: [{ x: width / 2 + half, y }] }
    return { width, height, isDense: slot === dense, scale, isCrowded: false, ...macs }
  }
  const points = [width / 2 - apart, width / 2 + apart].slice(0, others)
  const macs = { self: { x: width / 2, y }, others: points.map(x => ({ x, y })) }
  return { width, height, isDense: slot === dense, scale, isCrowded: false, ...macs }
}

/** At equal distances along the oval, left as right, and nobody straight below this Mac's words; null where they would touch. */
function onOval(others: number, width: number, height: number, slot: Slot): Layout | null {
  const center = { x: width / 2, y: height / 2 }
  const radius = { x: Math.min(width / 2 - slot.width / 2, 620), y: height / 2 - slot.edge }
  const steps = 720
  const onStep = (step: number): Point => {
    const angle = (2 * Math.PI * step) / steps - Math.PI / 2
    return { x: center.x + radius.x * Math.cos(angle), y: center.y + radius.y * Math.sin(angle) }
  }
  const lengths = [0]
  for (let step = 1; step <= steps; step++) {
    const from = onStep(step - 1)
    const to = onStep(step)
    lengths.push((lengths.at(-1) ?? 0) + Math.hypot(to.x - from.x, to.y - from.y))
  }
  const around = lengths.at(-1) ?? 0
  if (around / others < slot.apart || radius.y < slot.height) return null
  const first = others % 2 === 0 ? 0.5 : 0
  const points = Array.from({ length: others }, (_, i) => {
    const wanted = ((i + first) * around) / others
    return onStep(lengths.findIndex(length => length >= wanted))
  })
  const scale = slot === roomy && others <= 6 ? 1.2 : 1
  return { width, height, isDense: slot === dense, scale, isCrowded: false, self: center, others: points }
}

function inRows(others: number, width: number): Layout {
  const columns = Math.max(2, Math.floor(width / dense.width))
  for (let rows = 1; ; rows += 2) {
    const height = rows * dense.height + 8
    const center = { x: width / 2, y: height / 2 }
    const free = Array.from({ length: rows * columns }, (_, i) => ({
      x: width / 2 + ((i % columns) - (columns - 1) / 2) * (width / columns),
      y: (Math.floor(i / columns) + 0.5) * dense.height,
    })).filter(({ x, y }) => Math.abs(x - center.x) >= dense.width || Math.abs(y - center.y) >= dense.height)
    if (free.length >= others) {
      const macs = { self: center, others: nearest(free, center, others) }
      return { width, height, isDense: true, scale: 1, isCrowded: true, ...macs }
    }
  }
}

/** Those nearest to the middle, in reading order. */
function nearest(points: readonly Point[], center: Point, count: number): Point[] {
  const distance = ({ x, y }: Point) => Math.hypot(x - center.x, y - center.y)
  const kept = new Set([...points].sort((one, other) => distance(one) - distance(other)).slice(0, count))
  return points.filter(point => kept.has(point))
}
