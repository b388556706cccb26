import { type FormEvent, useState } from 'react'
import { giveKey, useKeyState } from '../peer/api-key.ts'
import { Button } from './button.tsx'
import { TextField } from './text-field.tsx'

/** In the place of every screen while the Mac wants a key of whoever looks. */
export function KeyForm() {
  const tried = useKeyState(({ key }) => key)
  const [key, setKey] = useState('')
  const give = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '') giveKey(key.trim())
  }
  return (
    <div className="grid min-h-full place-content-center p-6">
      <form onSubmit={give} className="max-w-lg rounded-2xl border border-line bg-surface p-6">
        <h1 className="font-semibold text-xl">This Mac asks for an API key</h1>
        <p className="mt-3 mb-4 text-muted">
          On the Mac itself, “mlx-mesh keys create NAME --scopes read” makes one for the dashboard. It is kept
          until you close this tab.
        </p>
        <TextField
          label="API key"
          type="password"
          autoComplete="off"
          value={key}
          onChange={setKey}
          problem={tried === null ? null : 'The Mac does not accept this key.'}
        />
        <Button type="submit" look="primary" className="mt-5">
          Continue
        </Button>
      </form>
    </div>
  )
}
