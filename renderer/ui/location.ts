// Which view is shown stands behind the #, so that the page needs nothing of its server: `#/macs/ID?filter=x`.
import { useSyncExternalStore } from 'react'

export interface Place {
  /** `['macs', 'ID']` */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash)
  return placeOf(hash)
}

function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return {
    segments: path.split('/').filter(Boolean).map(decode),
    query: new URLSearchParams(query),
  }
}

export function goTo(path: string): void {
  window.location.hash = path
}

/** The same view in another shape: "back" does not lead through every one of them. */
export function replacePlace(path: string): void {
  window.history.replaceState(null, '', `#${path}`)
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function subscribe(run: () => void): () => void {
  window.addEventListener('hashchange', run)
  return () => window.removeEventListener('hashchange', run)
}
