import { useMeshState } from '../peer/mesh-store.ts'
import { type Screen, screens } from '../views.ts'

/** A column beside the screen; on a narrow page, a row below it. */
export function Navigation({ current }: { readonly current: Screen }) {
  return (
    <nav
      aria-label="Screens"
      className="flex shrink-0 border-line border-t bg-raised md:w-52 md:flex-col md:gap-1 md:border-t-0 md:border-r md:p-3"
    >
      <p className="hidden px-2 pt-1 pb-3 md:block">
        <span className="block font-semibold">MLX Mesh</span>
        <MeshLine />
      </p>
      {screens.map(({ path, name, Icon }) => (
        <a
          key={path}
          href={`#/${path}`}
          aria-current={path === current.path ? 'page' : undefined}
          className="flex min-w-0 flex-1 flex-col items-center gap-0.5 rounded-lg px-1 py-2 text-[0.6875rem] text-muted hover:bg-accent-soft aria-[current]:font-medium aria-[current]:text-accent md:flex-none md:flex-row md:gap-2.5 md:px-2 md:py-1.5 md:text-sm md:aria-[current]:bg-accent-soft"
        >
          <Icon aria-hidden="true" className="size-5 shrink-0" />
          <span className="max-w-full truncate">{name}</span>
        </a>
      ))}
    </nav>
  )
}

function MeshLine() {
  const online = useMeshState(({ mesh }) => mesh?.overview.workers.online ?? null)
  if (online === null) return <span className="block text-muted text-xs">Starting</span>
  return <span className="figures block text-muted text-xs">{online === 1 ? '1 Mac' : `${online} Macs`}</span>
}
