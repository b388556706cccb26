import { timeOfDay } from './format.ts'

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** `14:03:22`, and for another day than today `20 Nov 14:03:22` */
export function when(timestamp: number, now: number): string {
  const time = timeOfDay(timestamp)
  const date = day.format(timestamp)
  return date === day.format(now) ? time : `${date} ${time}`
}
