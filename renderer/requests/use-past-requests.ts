// Requests that have ended: pages of the peer's history, and those that end while one looks on.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { z } from 'zod'
import { type DashboardRequest, dashboardRequest } from '../../main/protocol/dashboard.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { useReconnected } from '../peer/reconnected.ts'
import { filterOf, matches } from './request-filter.ts'

export interface PastRequests {
  /** The latest first; null until the first page is there. */
  readonly rows: readonly DashboardRequest[] | null
  readonly hasMore: boolean
  readonly isLoading: boolean
  readonly error: unknown
  /** Have ended since, and are not among the rows yet. */
  readonly fresh: readonly DashboardRequest[]
  takeFresh(): void
  loadMore(): void
}

interface Pages {
  readonly rows: readonly DashboardRequest[] | null
  readonly hasMore: boolean
  readonly phase: 'loading' | 'idle' | 'failed'
  readonly error: unknown
}

const pageSize = 100
/** New ones push out the oldest, which are asked for again when somebody scrolls there. */
const maxRows = 2000
const nothing: Pages = { rows: null, hasMore: false, phase: 'loading', error: null }
const requestList = z.array(dashboardRequest)

/** `query`: the filter, as `?status=failed`. */
export function usePastRequests(query: string): PastRequests {
  const [pages, setPages] = useState(nothing)
  /** Answers to an earlier question are not for this one. */
  const asked = useRef(0)
  const load = useCallback(
    async (last: DashboardRequest | null) => {
      const mine = ++asked.current
      setPages(known => ({ ...(last === null ? nothing : known), phase: 'loading', error: null }))
      try {
        const found = await ask(pathOf(query, last), requestList)
        if (mine !== asked.current) return
        setPages(({ rows }) => ({
          rows: last === null ? found : merged(rows ?? [], found),
          hasMore: found.length === pageSize,
          phase: 'idle',
          error: null,
        }))
      } catch (error) {
        if (mine === asked.current) setPages(known => ({ ...known, phase: 'failed', error }))
      }
    },
    [query],
  )
  useEffect(() => void load(null), [load])

  const { rows, hasMore, phase, error } = pages
  const fresh = useFresh(rows, hasMore, query)
  return {
    rows,
    hasMore,
    isLoading: phase === 'loading',
    error,
    fresh,
    takeFresh: () => {
      // Of very many only samples were told: the peer knows them all.
      if (fresh.length >= pageSize) void load(null)
      else setPages(known => withFresh(known, fresh))
    },
    loadMore: () => {
      if (phase === 'loading') return
      if (rows === null) void load(null)
      else void load(rows.at(-1) ?? null)
    },
  }
}

/** What ended while this Mac could not be heard: the latest page of it. */
function useMissed(query: string): readonly DashboardRequest[] {
  const [missed, setMissed] = useState<readonly DashboardRequest[]>([])
  const look = useCallback(() => {
    // A Mac that is gone again is asked when it is back again.
    ask(pathOf(query, null), requestList).then(setMissed, () => {})
  }, [query])
  useReconnected(look)
  return missed
}

function useFresh(rows: readonly DashboardRequest[] | null, hasMore: boolean, query: string) {
  const recent = useMesh(mesh => mesh.recent)
  const missed = useMissed(query)
  const known = useMemo(() => new Set(rows?.map(({ requestId }) => requestId)), [rows])
  return useMemo(() => {
    if (rows === null) return []
    const filter = filterOf(new URLSearchParams(query))
    // What began before the last row comes with the next page.
    const oldest = hasMore ? (rows.at(-1)?.timestamp ?? 0) : 0
    return merged(missed, recent).filter(
      request => !known.has(request.requestId) && request.timestamp >= oldest && matches(request, filter),
    )
  }, [rows, recent, missed, known, hasMore, query])
}

/** `last`: what comes after it; null: the latest ones. */
function pathOf(query: string, last: DashboardRequest | null): string {
  const asked = new URLSearchParams(query)
  asked.set('limit', String(pageSize))
  if (last !== null) {
    asked.set('before', String(last.timestamp))
    asked.set('after', last.requestId)
  }
  return `/api/dashboard/requests?${asked}`
}

function withFresh(known: Pages, fresh: readonly DashboardRequest[]): Pages {
  const rows = merged(known.rows ?? [], fresh)
  return { ...known, rows: rows.slice(0, maxRows), hasMore: known.hasMore || rows.length > maxRows }
}

/** Each once, the latest first. */
function merged(rows: readonly DashboardRequest[], more: readonly DashboardRequest[]): DashboardRequest[] {
  const byId = new Map([...rows, ...more].map(request => [request.requestId, request]))
  return [...byId.values()].sort((one, other) => other.timestamp - one.timestamp)
}
