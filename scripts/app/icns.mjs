// Apple's icon container: a header, then each PNG behind a four-letter type that says its size.

/** A size may stand for itself and for half of it on a Retina screen. */
const types = /** @type {const} */ ([
  ['icp4', 16],
  ['icp5', 32],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
  ['ic10', 1024],
])
const headBytes = 8

/** @param {ReadonlyMap<number, Buffer>} pngs by their width in pixels */
export function writeIcns(pngs) {
  const parts = types.map(([type, size]) => {
    const png = pngs.get(size)
    if (!png) throw new Error(`an .icns needs a PNG of ${size} px`)
    return Buffer.concat([head(type, png.length), png])
  })
  const body = Buffer.concat(parts)
  return Buffer.concat([head('icns', body.length), body])
}

/** @param {string} type @param {number} length without this head */
function head(type, length) {
  const bytes = Buffer.alloc(headBytes)
  bytes.write(type, 'latin1')
  bytes.writeUInt32BE(headBytes + length, 4)
  return bytes
}
