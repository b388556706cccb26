import { type ReactNode, Suspense } from 'react'
import { useMesh } from '../peer/mesh-store.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { goTo } from '../ui/location.ts'
import { View } from '../ui/view.tsx'
import { ClusterFigures } from './cluster-figures.tsx'
import { LiveRequests } from './live-requests.tsx'
import { Picture } from './picture.tsx'
import { star } from './picture-disc.tsx'
import { Trends } from './trends.tsx'

export function ClusterView() {
  const count = useMesh(({ workers }) => workers.length)
  return (
    <View title="Cluster" actions={count === 0 ? undefined : <AddMac isInviting={count === 1} />}>
      {count === 0 ? (
        <NoWorkers />
      ) : (
        <div className="flex flex-col gap-4">
          <ClusterFigures />
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
            <Card title="Macs" className="flex flex-col">
              <Picture />
              <Legend />
            </Card>
            <LiveRequests />
          </div>
          <Suspense>
            <Trends />
          </Suspense>
        </div>
      )}
    </View>
  )
}

function AddMac({ isInviting }: { readonly isInviting: boolean }) {
  return (
    <Button look={isInviting ? 'primary' : 'plain'} onClick={() => goTo('/macs?add')}>
      Add a Mac…
    </Button>
  )
}

function NoWorkers() {
  const mode = useMesh(({ self }) => self.mode)
  return (
    <Card title="Macs">
      <Empty
        title="No Mac answers requests yet"
        action={
          <div className="flex flex-wrap justify-center gap-2">
            <Button onClick={() => goTo('/settings')}>Open Settings</Button>
            <Button look="primary" onClick={() => goTo('/macs?add')}>
              Add a Mac…
            </Button>
          </div>
        }
      >
        {mode === 'controller'
          ? 'This Mac only passes requests on. Add a Mac that runs models, or let this one run them, too.'
          : 'Add a Mac that runs models, or look in Settings why this one does not share its GPU.'}
      </Empty>
    </Card>
  )
}

/** The picture speaks for itself to those who know its words. */
function Legend() {
  return (
    <ul
      aria-label="Key to the picture"
      className="mt-auto flex flex-wrap gap-x-5 pt-3 gap-y-1 text-muted text-xs"
    >
      <Sign text="GPU in use">
        <circle r="6" strokeWidth="3" className="fill-surface stroke-line" />
        <circle
          r="6"
          pathLength={100}
          strokeDasharray="40 200"
          strokeWidth="3"
          fill="none"
          transform="rotate(-90)"
          className="stroke-accent-fill"
        />
      </Sign>
      <Sign text="Answers under way for this Mac">
        <path d="M-8 0h5M2 0h5" strokeWidth="3" strokeLinecap="round" className="stroke-accent-fill" />
      </Sign>
      <Sign text="Leader">
        <path d={star} className="fill-accent" />
      </Sign>
      <li>The larger a disc, the more memory</li>
    </ul>
  )
}

function Sign({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  return (
    <li className="flex items-center gap-1.5">
      <svg viewBox="-10 -10 20 20" aria-hidden="true" className="size-4 shrink-0">
        {children}
      </svg>
      {text}
    </li>
  )
}
