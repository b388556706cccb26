import { useEffect, useId, useState } from 'react'
import type { MeshMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { field } from '../ui/field.ts'
import { Problem } from '../ui/problem.tsx'

/** What the other Macs show it as, once there are any. */
export function MacName({
  membership: { answer, error, busy, order },
}: {
  readonly membership: MeshMembership
}) {
  const id = useId()
  const known = answer?.self.name ?? ''
  const [name, setName] = useState('')
  useEffect(() => setName(known), [known])
  const isNew = name.trim() !== '' && name.trim() !== known
  return (
    <form
      className="rounded-xl border border-line bg-surface px-4 py-3"
      onSubmit={event => {
        event.preventDefault()
        if (isNew) void order('rename', { name: name.trim() })
      }}
    >
      <label htmlFor={id} className="font-medium">
        Name
      </label>
      <p className="mb-2 text-muted">The other Macs show this one by it.</p>
      <div className="flex gap-2">
        <input
          id={id}
          value={name}
          maxLength={64}
          autoComplete="off"
          onChange={({ target }) => setName(target.value)}
          className={field}
        />
        <Button type="submit" disabled={!isNew || busy}>
          Rename
        </Button>
      </div>
      {error !== null && (
        <div className="mt-2">
          <Problem error={error} />
        </div>
      )}
    </form>
  )
}
