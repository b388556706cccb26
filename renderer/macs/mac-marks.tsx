import { useMesh } from '../peer/mesh-store.ts'

/** What this Mac is among the others. */
export function MacMarks({ workerId }: { readonly workerId: string }) {
  const isSelf = useMesh(({ self }) => self.workerId === workerId)
  const isLeader = useMesh(({ leaderId }) => leaderId === workerId)
  return (
    <>
      {isSelf && <Mark>This Mac</Mark>}
      {isLeader && (
        <Mark title="Does the chores that only one Mac should do. No request waits for it.">Leader</Mark>
      )}
    </>
  )
}

function Mark({ children, title }: { readonly children: string; readonly title?: string }) {
  return (
    <span title={title} className="rounded-full bg-accent-soft px-2 py-px font-medium text-accent text-xs">
      {children}
    </span>
  )
}
