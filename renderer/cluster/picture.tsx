// The Macs as a picture: who is there, who serves what, and what this Mac has them do now. Over each Mac lies a link whose
// name says in words what is drawn.
import { type ComponentType, memo, useMemo, useRef } from 'react'
import { useShallow } from 'zustand/react/shallow'
import { useMesh } from '../peer/mesh-store.ts'
import { useWidth } from '../ui/element-width.ts'
import { MacLink } from './mac-link.tsx'
import { PictureLink } from './picture-link.tsx'
import { PictureMac, type PictureMacProps } from './picture-mac.tsx'
import { type Layout, type Point, placeMacs } from './place-macs.ts'

const heightBefore = 228

export function Picture() {
  const frame = useRef<HTMLElement>(null)
  const width = useWidth(frame)
  const count = useMesh(({ workers }) => workers.length)
  const isAlone = count === 1
  const layout = useMemo(
    () => (width === null || width === 0 ? null : placeMacs(isAlone ? 1 : count - 1, width)),
    [width, count, isAlone],
  )
  const invited = isAlone ? layout?.others[0] : undefined
  return (
    <nav
      ref={frame}
      aria-label="The Macs of this mesh"
      className="relative my-auto"
      style={{ minHeight: layout?.height ?? heightBefore }}
    >
      {layout && (
        <>
          <svg
            viewBox={`0 0 ${layout.width} ${layout.height}`}
            width={layout.width}
            height={layout.height}
            aria-hidden="true"
            className="block"
          >
            <Links layout={layout} />
            {invited && <InvitationLine from={layout.self} to={invited} />}
            <Macs layout={layout} Part={PictureMac} />
          </svg>
          <Macs layout={layout} Part={MacLink} />
          {invited && <Invitation at={invited} />}
        </>
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

interface MacsProps {
  readonly layout: Layout
  readonly Part: ComponentType<PictureMacProps>
}

const Macs = memo(function Macs({ layout, Part }: MacsProps) {
  const ids = useMesh(useShallow(({ workers }) => workers.map(({ workerId }) => workerId)))
  return ids.map((workerId, i) => {
    const at = i === 0 ? layout.self : layout.others[i - 1]
    return at && <Part key={workerId} workerId={workerId} at={at} layout={layout} />
  })
})

function InvitationLine({ from, to }: { readonly from: Point; readonly to: Point }) {
  return <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className="stroke-line" strokeDasharray="3 6" />
}

const invitationPx = 76

/** Where a second Mac will be. */
function Invitation({ at }: { readonly at: Point }) {
  return (
    <a
      href="#/macs?add"
      className="group absolute flex -translate-x-1/2 flex-col items-center gap-1 font-medium text-accent"
      style={{ left: at.x, top: at.y - invitationPx / 2 }}
    >
      <span
        aria-hidden="true"
        className="grid size-[76px] place-content-center rounded-full border-2 border-accent border-dashed bg-surface text-3xl group-hover:bg-accent-soft"
      >
        +
      </span>
      Add a Mac
    </a>
  )
}
