// Numbers for people. Widths change little while a number changes.

const gibibyte = 2 ** 30

/** `4.1 GB`, `512 MB`; a GB is 2^30 bytes, as in memory sizes. */
export function bytes(count: number): string {
  if (count >= gibibyte) return `${(count / gibibyte).toFixed(1)} GB`
  if (count >= 2 ** 20) return `${Math.round(count / 2 ** 20)} MB`
  return `${Math.round(count / 1024)} KB`
}

/** `320 ms`, `4.2 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
}

/** `2 d 3 h`, `5 h 12 min`, `3 min`, `under a minute` */
export function longDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'under a minute'
  if (minutes < 60) return `${minutes} min`
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

export function whole(count: number): string {
  return Math.round(count).toLocaleString('en')
}

/** Tokens per second and the like: one decimal below 100. */
export function rate(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : whole(perSecond)
}

export function percent(value: number): string {
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} %`
}

/** `1 Mac`, `3 Macs` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`
}

/** What is said in a log or a terminal, as a sentence of its own; names of programs stay as they are. */
export function sentence(text: string): string {
  return text.replace(/^[a-z]+(?=[ .,;]|$)/, word => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** `14:03:22` */
export function timeOfDay(timestamp: number): string {
  return clock.format(timestamp)
}

/** What is not known. */
export const unknown = '–'
