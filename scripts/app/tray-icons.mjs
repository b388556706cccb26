// Draws the menu bar's icons anew: `node scripts/app/tray-icons.mjs`. Three Macs and what joins them; black and
// see-through, because the system colours template images as its menu bar needs it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateSync } from 'node:zlib'

const folder = fileURLToPath(new URL('../../resources/icons', import.meta.url))
/** In a square of 16. */
const macs = [
  { x: 8, y: 3.4 },
  { x: 3.2, y: 12 },
  { x: 12.8, y: 12 },
]
const radius = 2.5
const ring = 1.1
const link = 0.6
const samples = 8

/** @type {Record<string, (x: number, y: number) => boolean>} whether there is ink */
const drawings = {
  off: (x, y) => isLink(x, y) || isRing(x, y),
  sharing: (x, y) => isLink(x, y) || isMac(x, y),
  busy: (x, y) => isLink(x, y) || isMac(x, y) || near({ x: 8, y: 9 }, x, y) < 1.7,
  // The mark stands free: around it nothing is drawn.
  attention: (x, y) =>
    isMark(x, y) || (!(Math.abs(x - 8) < 2.4 && y > 5.6) && (isLink(x, y) || isRing(x, y))),
}

for (const [state, isInk] of Object.entries(drawings)) {
  for (const [scale, suffix] of /** @type {const} */ ([
    [1, ''],
    [2, '@2x'],
  ]))
    writeFileSync(
      join(folder, `tray-${state}Template${suffix}.png`),
      png(16 * scale, draw(16 * scale, isInk)),
    )
}

/** @param {number} x @param {number} y */
function isMac(x, y) {
  return macs.some(mac => near(mac, x, y) < radius)
}

/** @param {number} x @param {number} y */
function isRing(x, y) {
  return isMac(x, y) && macs.every(mac => near(mac, x, y) > radius - ring)
}

/** @param {number} x @param {number} y */
function isLink(x, y) {
  if (macs.some(mac => near(mac, x, y) < radius + 0.3)) return false
  return macs.some((from, index) => distance(from, macs[(index + 1) % macs.length] ?? from, x, y) < link)
}

/** @param {number} x @param {number} y */
function isMark(x, y) {
  return (Math.abs(x - 8) < 1 && y > 6.6 && y < 11.8) || near({ x: 8, y: 14 }, x, y) < 1.3
}

/** @param {{ x: number, y: number }} from @param {number} x @param {number} y */
function near(from, x, y) {
  return Math.hypot(x - from.x, y - from.y)
}

/** From a line between two points. @param {{ x: number, y: number }} a @param {{ x: number, y: number }} b @param {number} x @param {number} y */
function distance(a, b, x, y) {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const along = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy)))
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy)
}

/** How opaque each point is. @param {number} size @param {(x: number, y: number) => boolean} isInk */
function draw(size, isInk) {
  return Array.from({ length: size * size }, (_, index) => {
    let inked = 0
    for (let sample = 0; sample < samples * samples; sample++) {
      const x = (index % size) + ((sample % samples) + 0.5) / samples
      const y = Math.floor(index / size) + (Math.floor(sample / samples) + 0.5) / samples
      if (isInk((x * 16) / size, (y * 16) / size)) inked++
    }
    return Math.round((255 * inked) / (samples * samples))
  })
}

/** Grey with alpha. @param {number} size @param {number[]} alphas */
function png(size, alphas) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 4, 0, 0, 0], 8)
  const rows = Buffer.alloc(size * (1 + size * 2))
  for (const [index, alpha] of alphas.entries())
    rows[Math.floor(index / size) * (1 + size * 2) + 1 + (index % size) * 2 + 1] = alpha
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** @param {string} name @param {Buffer} data */
function chunk(name, data) {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
