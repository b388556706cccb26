// The `traceparent` of the W3C (https://www.w3.org/TR/trace-context/): which trace a request belongs to, and who asked.

export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string
  /** 16 hex digits: the span that asked. */
  readonly spanId: string
  readonly isSampled: boolean
}

/** Later versions may say more behind the flags; `ff` is no version. */
const pattern = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Null for what is none: then a trace begins here, as the standard asks. */
export function parseTraceparent(text: string): TraceContext | null {
  const [, version, traceId, spanId, flags, more] = pattern.exec(text) ?? []
  if (!traceId || !spanId || !flags || (version === '00' && more !== undefined)) return null
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}
