// A token's text in the scripted benchmarks: its number in the answer and when it was made. This is how the load
// generator knows that none is missing and how long each was on the way, also when several travel together.
import { monotonicUs } from './clock.ts'

export interface Stamp {
  readonly serial: number
  readonly madeAtUs: number
}

export function stampToken(serial: number): string {
  return `${serial}@${Math.round(monotonicUs())} `
}

/** The stamps in a text, in order; none for text that was not stamped. */
export function readStamps(text: string): Stamp[] {
  const stamps: Stamp[] = []
  for (const [, serial, madeAtUs] of text.matchAll(/(\d+)@(\d+) /g)) {
    stamps.push({ serial: Number(serial), madeAtUs: Number(madeAtUs) })
  }
  return stamps
}
