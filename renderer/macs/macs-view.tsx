import { useMesh } from '../peer/mesh-store.ts'
import { goTo, usePlace } from '../ui/location.ts'
import { AddMacDialog } from '../welcome/add-mac-dialog.tsx'
import { MacList } from './mac-list.tsx'
import { MacPage } from './mac-page.tsx'

/** All Macs, or one of them: `#/macs/ID`. `?add` opens the dialog that adds one. */
export function MacsView() {
  const { segments, query } = usePlace()
  const workerId = segments[1]
  const worker = useMesh(({ workers }) => workers.some(each => each.workerId === workerId))
  return (
    <>
      {workerId === undefined ? <MacList /> : <MacPage key={workerId} workerId={workerId} isKnown={worker} />}
      {query.has('add') && <AddMacDialog onClose={() => goTo('/macs')} />}
    </>
  )
}
