import { useShallow } from 'zustand/react/shallow'
import { useMesh } from '../peer/mesh-store.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { goTo } from '../ui/location.ts'
import { View } from '../ui/view.tsx'
import { MacCard } from './mac-card.tsx'

export function MacList() {
  const ids = useMesh(useShallow(({ workers }) => workers.map(({ workerId }) => workerId)))
  const add = (
    <Button look="primary" onClick={() => goTo('/macs?add')}>
      Add a Mac…
    </Button>
  )
  return (
    <View title="Macs" actions={add}>
      {ids.length === 0 && (
        <Card title="No Macs yet">
          <Empty title="No Mac of this mesh runs models">Add one, and it appears here within seconds.</Empty>
        </Card>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,21rem),1fr))] gap-4">
        {ids.map(workerId => (
          <li key={workerId} className="flex min-w-0">
            <MacCard workerId={workerId} />
          </li>
        ))}
        {ids.length === 1 && <Invitation />}
      </ul>
    </View>
  )
}

function Invitation() {
  return (
    <li className="flex min-w-0">
      <a
        href="#/macs?add"
        className="grid w-full place-content-center gap-1 rounded-xl border-2 border-line border-dashed p-6 text-center hover:border-accent hover:bg-accent-soft"
      >
        <span className="font-medium text-accent">Add a second Mac</span>
        <span className="max-w-64 text-muted">
          Its memory and GPU join in, and apps go on when one of the two leaves.
        </span>
      </a>
    </li>
  )
}
