// Which Macs can serve a conversation with images: those whose model sees.
import { MeshError } from '../protocol/errors.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Holder } from './candidates.ts'
import type { Sequence } from './infer.ts'

export function canLook({ images }: ModelStatus, sequence: Sequence): boolean {
  return images === 'taken' || firstWithImages(sequence) < 0
}

/** `holders` have the model, and it sees on none of them. */
export function nobodySees(modelId: string, sequence: Sequence, holders: readonly Holder[]): MeshError {
  const param = `messages[${firstWithImages(sequence)}].content`
  const blind = holders.filter(({ model }) => model.images === 'needs-layer')
  const names = blind.map(({ registration }) => registration.hostname).join(' or ')
  const why =
    blind.length === 0
      ? `the model ${modelId} takes no images.`
      : `no Mac that has ${modelId} can look at images: run "mlx-mesh vision install" on ${names}, and load the model again.`
  return new MeshError('INVALID_REQUEST', `${param} has images, and ${why}`, { param })
}

function firstWithImages({ messages = [] }: Sequence): number {
  return messages.findIndex(({ images }) => images !== undefined && images.length > 0)
}
