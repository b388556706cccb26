import type { ModelState } from '../../main/protocol/models.ts'
import { counted } from '../ui/format.ts'
import { Status, type Tone } from '../ui/status.tsx'
import type { Place } from './models-on-mesh.ts'

const tones: Readonly<Record<ModelState, Tone>> = {
  ready: 'good',
  draining: 'fair',
  warming: 'fair',
  loading: 'fair',
  queued: 'fair',
  downloading: 'fair',
  failed: 'bad',
  absent: 'bad',
  unloaded: 'idle',
}

/** How a model is on one Mac, in words. */
export function ModelStateLine({ place }: { readonly place: Place }) {
  const { isOnline, status } = place
  if (!isOnline) return <Status tone="idle">This Mac is offline</Status>
  if (status === null) return <Status tone="idle">Not on this Mac</Status>
  return <Status tone={tones[status.state]}>{sayState(status)}</Status>
}

function sayState({ state, activeRequests, copied }: NonNullable<Place['status']>): string {
  switch (state) {
    case 'ready':
      return activeRequests > 0 ? `Ready, ${counted(activeRequests, 'request')} running` : 'Ready'
    case 'draining':
      return activeRequests > 0 ? `Ends ${counted(activeRequests, 'request')}, then unloads` : 'Unloading'
    case 'warming':
      return 'Warming up'
    case 'loading':
      return 'Loading into memory'
    case 'queued':
      return 'Waiting to be loaded'
    case 'downloading':
      return copied?.from === 'hub' ? 'Downloading' : 'Copying from another Mac'
    case 'failed':
      return 'Failed'
    case 'absent':
      return 'Did not arrive'
    case 'unloaded':
      return 'On disk'
  }
}
