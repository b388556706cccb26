// Requests that have ended: pages of the peer's history, and those that end while one looks on.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { z } from 'zod'
import { type DashboardRequest, dashboardRequest } from '../../main/protocol/dashboard.ts'
import { ask } from '../peer/client.ts'
import { useMesh } from '../peer/mesh-store.ts'
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
/** Older ones are asked for again when somebody scrolls there. */
const maxRows = 20_000
const nothing: Pages = { rows: null, hasMore: false, phase: 'loading', error: null }
const requestList = z.array(dashboardRequest)

/** `query`: the filter, as `?status=failed`. */
export function usePastRequests(query: string): PastRequests {
  const [pages, setPages] = useState(nothing)
  /** Answers to an earlier question are not for this one. */
  const asked = useRef(0)
  const load = useCallback(
    async (before: number | null) => {
      const mine = ++asked.current
      setPages(known => ({ ...(before === null ? nothing : known), phase: 'loading', error: null }))
      try {
        const found = await ask(pathOf(query, before), requestList)
        if (mine !== asked.current) return
        setPages(({ rows }) => ({
          rows: before === null ? found : merged(rows ?? [], found),
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
      else setPages(known => ({ ...known, rows: merged(known.rows ?? [], fresh).slice(0, maxRows) }))
    },
    loadMore: () => {
      if (phase === 'loading') return
      if (rows === null) void load(null)
      else void load(rows.at(-1)?.timestamp ?? null)
    },
  }
}

function useFresh(rows: readonly DashboardRequest[] | null, hasMore: boolean, query: string) {
  const recent = useMesh(mesh => mesh.recent)
  const known = useMemo(() => new Set(rows?.map(({ requestId }) => requestId)), [rows])
  return useMemo(() => {
    if (rows === null) return []
    const filter = filterOf(new URLSearchParams(query))
    // What began before the last row comes with the next page.
    const oldest = hasMore ? (rows.at(-1)?.timestamp ?? 0) : 0
    return recent.filter(
      request => !known.has(request.requestId) && request.timestamp > oldest && matches(request, filter),
    )
  }, [rows, recent, known, hasMore, query])
}

function pathOf(query: string, before: number | null): string {
  const asked = new URLSearchParams(query)
  asked.set('limit', String(pageSize))
  if (before !== null) asked.set('before', String(before))
  return `/api/dashboard/requests?${asked}`
}

/** Each once, the latest first. */
function merged(rows: readonly DashboardRequest[], more: readonly DashboardRequest[]): DashboardRequest[] {
  const byId = new Map([...rows, ...more].map(request => [request.requestId, request]))
  return [...byId.values()].sort((one, other) => other.timestamp - one.timestamp)
}
