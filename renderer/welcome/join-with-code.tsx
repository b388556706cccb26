import { useId, useState } from 'react'
import type { MeshMembership } from '../peer/mesh-membership.ts'
import { Button } from '../ui/button.tsx'
import { field } from '../ui/field.ts'

/** For a mesh that mDNS does not find, or without anybody at the other Mac. */
export function JoinWithCode({ membership: { busy, order } }: { readonly membership: MeshMembership }) {
  const id = useId()
  const [code, setCode] = useState('')
  const [address, setAddress] = useState('')
  const join = () => {
    const at = address.trim()
    void order('join', { code: code.trim(), ...(at === '' ? {} : { address: at }) })
  }
  return (
    <details className="rounded-xl border border-line bg-surface px-4 py-3">
      <summary className="rounded font-semibold">I have an invitation code</summary>
      <form
        className="mt-3 grid gap-3"
        onSubmit={event => {
          event.preventDefault()
          if (code.trim() !== '') join()
        }}
      >
        <div>
          <label htmlFor={`${id}code`} className="mb-1 block">
            Code
          </label>
          <input
            id={`${id}code`}
            value={code}
            onChange={({ target }) => setCode(target.value)}
            placeholder="ABCD-EFGH-…"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            className={`${field} font-mono`}
          />
        </div>
        <div>
          <label htmlFor={`${id}address`} className="mb-1 block">
            Address of the other Mac <span className="text-muted">(only if it is not found)</span>
          </label>
          <input
            id={`${id}address`}
            value={address}
            onChange={({ target }) => setAddress(target.value)}
            placeholder="192.168.1.11:52114"
            autoComplete="off"
            spellCheck={false}
            className={`${field} font-mono`}
          />
        </div>
        <Button type="submit" className="justify-self-start" disabled={busy || code.trim() === ''}>
          Join with this code
        </Button>
      </form>
    </details>
  )
}
