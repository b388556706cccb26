// How far back the charts look.
export const durations = [
  { value: '1h', name: '1 h', words: 'the last hour' },
  { value: '6h', name: '6 h', words: 'the last 6 hours' },
  { value: '24h', name: '24 h', words: 'the last 24 hours' },
] as const

export type Duration = (typeof durations)[number]['value']

export const spanMs: Readonly<Record<Duration, number>> = {
  '1h': 3_600_000,
  '6h': 6 * 3_600_000,
  '24h': 24 * 3_600_000,
}
