import { DotsThreeCircleIcon } from '@phosphor-icons/react/dist/csr/DotsThreeCircle'
import { useEffect, useRef, useState } from 'react'
import { useMeshState } from '../peer/mesh-store.ts'
import { type Screen, screens } from '../views.ts'

/** So many have room in a row; the others are behind the last button of it. */
const inRow = 5

const item =
  'flex min-w-0 flex-1 flex-col items-center gap-0.5 rounded-lg px-1 py-2 text-[0.6875rem] text-muted hover:bg-accent-soft hover:text-text aria-[current]:font-medium aria-[current]:text-accent md:flex-none md:flex-row md:gap-2.5 md:px-2 md:py-1.5 md:text-sm md:aria-[current]:bg-accent-soft'

/** A column beside the screen; on a narrow page, a row below it. */
export function Navigation({ current }: { readonly current: Screen }) {
  return (
    <nav
      aria-label="Screens"
      className="relative flex shrink-0 border-line border-t bg-raised md:w-52 md:flex-col md:gap-1 md:border-t-0 md:border-r md:p-3"
    >
      <p className="hidden px-2 pt-1 pb-3 md:block">
        <span className="block font-semibold">MLX Mesh</span>
        <MeshLine />
      </p>
      {screens.map((screen, i) => (
        <Destination
          key={screen.path}
          screen={screen}
          current={current}
          className={i < inRow ? '' : 'max-md:hidden'}
        />
      ))}
      <More screens={screens.slice(inRow)} current={current} />
    </nav>
  )
}

interface DestinationProps {
  readonly screen: Screen
  readonly current: Screen
  readonly className?: string
}

function Destination({ screen: { path, name, Icon }, current, className = '' }: DestinationProps) {
  const isCurrent = path === current.path
  return (
    <a href={`#/${path}`} aria-current={isCurrent ? 'page' : undefined} className={`${item} ${className}`}>
      <Icon aria-hidden="true" weight={isCurrent ? 'fill' : 'regular'} className="size-5 shrink-0" />
      <span className="max-w-full truncate">{name}</span>
    </a>
  )
}

interface MoreProps {
  readonly screens: readonly Screen[]
  readonly current: Screen
}

function More({ screens, current }: MoreProps) {
  const [isOpen, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes when one has gone somewhere
  useEffect(() => setOpen(false), [current.path])
  useEffect(() => {
    if (!isOpen) return
    const closeOutside = ({ target }: Event) => {
      if (!(target instanceof Node && box.current?.contains(target))) setOpen(false)
    }
    const closeByKey = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('keydown', closeByKey)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('keydown', closeByKey)
    }
  }, [isOpen])
  const isCurrent = screens.includes(current)
  return (
    <div ref={box} className="flex min-w-0 flex-1 md:hidden">
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen}
        aria-current={isCurrent ? 'true' : undefined}
        onClick={() => setOpen(!isOpen)}
        className={item}
      >
        <DotsThreeCircleIcon
          aria-hidden="true"
          weight={isCurrent ? 'fill' : 'regular'}
          className="size-5 shrink-0"
        />
        <span>More</span>
      </button>
      {isOpen && (
        <div className="absolute right-2 bottom-full z-10 mb-2 flex w-44 flex-col gap-0.5 rounded-xl border border-line bg-surface p-1.5 shadow-xl">
          {screens.map(({ path, name, Icon }) => (
            <a
              key={path}
              href={`#/${path}`}
              aria-current={path === current.path ? 'page' : undefined}
              className="flex items-center gap-2.5 rounded-lg px-3 py-2.5 hover:bg-accent-soft aria-[current]:bg-accent-soft aria-[current]:text-accent"
            >
              <Icon aria-hidden="true" className="size-5 shrink-0" />
              {name}
            </a>
          ))}
        </div>
      )}
    </div>
  )
}

function MeshLine() {
  const online = useMeshState(({ mesh }) => mesh?.overview.workers.online ?? null)
  if (online === null) return <span className="block text-muted text-xs">Not connected</span>
  return <span className="figures block text-muted text-xs">{online === 1 ? '1 Mac' : `${online} Macs`}</span>
}
