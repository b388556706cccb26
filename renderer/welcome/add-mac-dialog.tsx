import { Dialog } from '../ui/dialog.tsx'

/** How another Mac comes into this mesh; closing it calls off what is under way. */
export function AddMacDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Add a Mac" onClose={onClose}>
      <p className="text-muted">Soon.</p>
    </Dialog>
  )
}
