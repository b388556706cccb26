// The Macs as a picture: who is there, who serves what, and what this Mac has them do now. Each Mac in it is a link whose
// name says in words what is drawn.
import { memo, useMemo, useRef } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useMesh } from '../peer/mesh-store.ts'
import { useWidth } from '../ui/element-width.ts'
import { PictureLink } from './picture-link.tsx'
import { PictureMac } from './picture-mac.tsx'
import { type Layout, type Point, placeMacs } from './place-macs.ts'

const heightBefore = 300

export function Picture() {
  const frame = useRef<HTMLElement>(null)
  const width = useWidth(frame)
  const count = useMesh(({ workers }) => workers.length)
  const isAlone = count === 1
  const layout = useMemo(
    () => (width === null || width === 0 ? null : placeMacs(isAlone ? 1 : count - 1, width)),
    [width, count, isAlone],
  )
  return (
    <nav ref={frame} aria-label="The Macs of this mesh" style={{ minHeight: layout?.height ?? heightBefore }}>
      {layout && (
        // biome-ignore lint/a11y/noSvgWithoutTitle: each Mac in it says what it is, and a title would hide them
        <svg
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          width={layout.width}
          height={layout.height}
          className="block"
        >
          <Links layout={layout} />
          <Macs layout={layout} />
          {isAlone && layout.others[0] && <Invitation at={layout.others[0]} from={layout.self} />}
        </svg>
      )}
    </nav>
  )
}

const Links = memo(function Links({ layout }: { readonly layout: Layout }) {
  const others = useMesh(useShallow(({ workers }) => workers.slice(1).map(({ workerId }) => workerId)))
  return others.map((workerId, i) => {
    const to = layout.others[i]
    return to && <PictureLink key={workerId} workerId={workerId} from={layout.self} to={to} layout={layout} />
  })
})

const Macs = memo(function Macs({ layout }: { readonly layout: Layout }) {
  const ids = useMesh(useShallow(({ workers }) => workers.map(({ workerId }) => workerId)))
  return ids.map((workerId, i) => {
    const at = i === 0 ? layout.self : layout.others[i - 1]
    return at && <PictureMac key={workerId} workerId={workerId} at={at} layout={layout} />
  })
})

/** Where a second Mac will be. */
function Invitation({ at, from }: { readonly at: Point; readonly from: Point }) {
  const radius = 38
  return (
    <>
      <line
        x1={from.x}
        y1={from.y}
        x2={at.x - radius}
        y2={at.y}
        className="stroke-line"
        strokeDasharray="3 6"
      />
      <a href="#/macs?add" aria-label="Add a Mac" className="group">
        <circle
          cx={at.x}
          cy={at.y}
          r={radius}
          strokeDasharray="5 5"
          strokeWidth="1.5"
          className="fill-surface stroke-accent group-hover:fill-accent-soft"
        />
        <path
          d={`M${at.x - 8} ${at.y}h16M${at.x} ${at.y - 8}v16`}
          strokeWidth="2"
          strokeLinecap="round"
          className="stroke-accent"
        />
        <text
          x={at.x}
          y={at.y + radius + 18}
          textAnchor="middle"
          className="fill-accent font-medium text-[13px]"
        >
          Add a Mac
        </text>
      </a>
    </>
  )
}
