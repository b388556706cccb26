import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { replacePlace, usePlace } from '../ui/location.ts'
import { View } from '../ui/view.tsx'
import { LiveRequests } from './live-requests.tsx'
import { PastList } from './past-requests.tsx'
import { filterOf, queryOf, type RequestFilter } from './request-filter.ts'
import { RequestFilters } from './request-filters.tsx'
import { RequestPage } from './request-page.tsx'

/** The list, or one request; the list stays as it is behind it, so that one comes back to where one was. */
export function RequestsView() {
  const { segments, query } = usePlace()
  const [, requestId] = segments
  const said = queryOf(filterOf(query))
  const [isListed, setListed] = useState(requestId === undefined)
  if (!isListed && requestId === undefined) setListed(true)
  const place = useRef<HTMLDivElement>(null)
  useKeptScroll(place, requestId !== undefined)
  return (
    <View title={requestId === undefined ? 'Requests' : 'Request'}>
      <div ref={place} hidden={requestId !== undefined}>
        {isListed && <RequestList query={said} />}
      </div>
      {requestId !== undefined && (
        <RequestPage key={requestId} requestId={requestId} backTo={`#/requests${said}`} />
      )}
    </View>
  )
}

function RequestList({ query }: { readonly query: string }) {
  const filter = useMemo(() => filterOf(new URLSearchParams(query)), [query])
  const change = useCallback((next: RequestFilter) => replacePlace(`/requests${queryOf(next)}`), [])
  const clear = useCallback(() => replacePlace('/requests'), [])
  return (
    <>
      <RequestFilters filter={filter} onChange={change} />
      <LiveRequests filter={filter} />
      <PastList query={query} onClear={clear} />
    </>
  )
}

/** Where the list was scrolled to before a request was opened. */
function useKeptScroll(place: React.RefObject<HTMLElement | null>, isAway: boolean): void {
  const kept = useRef(0)
  useLayoutEffect(() => {
    const scroller = place.current?.closest('main')
    if (!scroller) return
    if (isAway) {
      scroller.scrollTop = 0
      return
    }
    scroller.scrollTop = kept.current
    const keep = () => {
      kept.current = scroller.scrollTop
    }
    scroller.addEventListener('scroll', keep, { passive: true })
    return () => scroller.removeEventListener('scroll', keep)
  }, [place, isAway])
}
