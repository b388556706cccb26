// Who belongs to the mesh, as far as this page changes it: this Mac's name, and that a Mac goes.
import { type ReactNode, useId, useState } from 'react'
import { meshAnswer } from '../../main/protocol/mesh-answer.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { useAnswer } from '../peer/use-answer.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { goTo } from '../ui/location.ts'
import { Problem, sayError } from '../ui/problem.tsx'
import { useOrder } from '../ui/use-order.ts'

const longestName = 64

export interface MacMembershipProps {
  readonly workerId: string
  readonly name: string
}

export function MacMembership({ workerId, name }: MacMembershipProps) {
  const { answer, error, refresh } = useAnswer('/api/mesh', meshAnswer)
  const isSelf = useMesh(({ self }) => self.workerId === workerId)
  const [asked, setAsked] = useState<'rename' | 'leave' | 'remove' | null>(null)
  const close = () => setAsked(null)
  const isMember = answer?.members.some(member => member.workerId === workerId) ?? false
  return (
    <Card title="In the mesh">
      {error !== null && !answer && <p className="text-muted">{sayError(error)}</p>}
      {answer && (
        <div className="flex flex-wrap items-center gap-2">
          {isSelf && <Button onClick={() => setAsked('rename')}>Rename…</Button>}
          {isSelf && answer.mesh && (
            <Button look="danger" onClick={() => setAsked('leave')}>
              Leave the mesh…
            </Button>
          )}
          {!isSelf && isMember && (
            <Button look="danger" onClick={() => setAsked('remove')}>
              Remove from the mesh…
            </Button>
          )}
          {isSelf && !answer.mesh && (
            <p className="text-muted text-xs">It works alone: add a Mac, or join the mesh of another one.</p>
          )}
          {!isSelf && (
            <p className="text-muted text-xs">
              {isMember ? 'A Mac is renamed on that Mac itself.' : 'It is no member of the mesh of this Mac.'}
            </p>
          )}
        </div>
      )}
      {asked === 'rename' && <Rename name={name} onClose={close} onDone={refresh} />}
      {asked === 'leave' && (
        <Confirm
          title={`Leave ${answer?.mesh?.name ?? 'the mesh'}?`}
          word="Leave"
          path="/api/mesh/leave"
          onClose={close}
          onDone={refresh}
        >
          This Mac then works alone: its apps get answers of its own models only, and the other Macs go on
          without it. Models and settings stay. To come back it must be let in again.
        </Confirm>
      )}
      {asked === 'remove' && (
        <Confirm
          title={`Remove ${name}?`}
          word="Remove"
          path={`/api/mesh/members/${encodeURIComponent(workerId)}/remove`}
          onClose={close}
          onDone={() => goTo('/macs')}
        >
          It is cut off at once: what it is answering goes on on another Mac that has the model, and it can no
          longer ask the mesh. Its models and settings stay on it. To come back it must be let in again.
        </Confirm>
      )}
    </Card>
  )
}

interface OrderDialogProps {
  readonly onClose: () => void
  readonly onDone: () => void
}

interface ConfirmProps extends OrderDialogProps {
  readonly title: string
  readonly word: string
  readonly path: string
  readonly children: ReactNode
}

function Confirm({ title, word, path, onClose, onDone, children }: ConfirmProps) {
  const { isRunning, error, give } = useOrder()
  const confirm = async () => {
    if (!(await give(() => ask(path, meshAnswer, { method: 'POST', body: {} })))) return
    onClose()
    onDone()
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" disabled={isRunning} onClick={() => void confirm()}>
            {word}
          </Button>
        </>
      }
    >
      <p>{children}</p>
      {error !== null && (
        <div className="mt-3">
          <Problem error={error} />
        </div>
      )}
    </Dialog>
  )
}

interface RenameProps extends OrderDialogProps {
  readonly name: string
}

function Rename({ name, onClose, onDone }: RenameProps) {
  const [text, setText] = useState(name)
  const { isRunning, error, give } = useOrder()
  const id = useId()
  const isSayable = text.trim() !== '' && text.trim() !== name
  const rename = async () => {
    const body = { name: text.trim() }
    if (!(await give(() => ask('/api/mesh/rename', meshAnswer, { method: 'POST', body })))) return
    onClose()
    onDone()
  }
  return (
    <Dialog
      title="Rename this Mac"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={`${id}-form`} disabled={isRunning || !isSayable}>
            Rename
          </Button>
        </>
      }
    >
      <form
        id={`${id}-form`}
        onSubmit={event => {
          event.preventDefault()
          void rename()
        }}
        className="grid gap-2"
      >
        <label htmlFor={id}>Name in the mesh</label>
        <input
          id={id}
          value={text}
          maxLength={longestName}
          autoComplete="off"
          onChange={({ target }) => setText(target.value)}
          className="min-h-9 rounded-lg border border-line bg-ground px-3"
        />
        {error !== null && <Problem error={error} />}
      </form>
    </Dialog>
  )
}
