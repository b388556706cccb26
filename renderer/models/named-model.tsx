import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import type { ModelMac } from './models-on-mesh.ts'
import { checkRepository } from './repository-name.ts'
import { useModelOrder } from './use-model-order.ts'

/** Any other model of Hugging Face, by its name there. */
export function NamedModel({ mac }: { readonly mac: ModelMac }) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [begun, setBegun] = useState<string | null>(null)
  const orders = useModelOrder(mac.workerId, mac.models)
  const download = async (event: FormEvent) => {
    event.preventDefault()
    const checked = checkRepository(text)
    setBegun(null)
    setProblem(checked.problem)
    if (checked.problem !== null) return
    if (await orders.give('load-model', checked.name)) {
      setText('')
      setBegun(checked.name)
    }
  }
  const change = (next: string) => {
    setText(next)
    setProblem(null)
  }
  return (
    <form noValidate onSubmit={event => void download(event)}>
      <div className="flex items-end gap-2">
        <TextField
          label="Or any MLX model of Hugging Face"
          placeholder="mlx-community/Qwen3-4B-4bit"
          value={text}
          onChange={change}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          aria-describedby="repository-problem"
          className="flex-1"
        />
        <Button type="submit" disabled={orders.isUnderWay || text.trim() === ''}>
          Download
        </Button>
      </div>
      <p
        id="repository-problem"
        role="status"
        className={`mt-1 min-h-4 text-xs ${problem ? 'text-bad' : 'text-muted'}`}
      >
        {problem ??
          (begun === null ? '' : `${mac.hostname} is getting ${begun}. Its progress stands under Models.`)}
      </p>
      {orders.error !== null && <Problem error={orders.error} />}
    </form>
  )
}
