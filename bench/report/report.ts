import type { Check } from './check.ts'
import type { Machine } from './machine.ts'

/** What a benchmark found. */
export interface Report {
  /** How it was measured, and what was left out and why. */
  readonly notes: readonly string[]
  readonly checks: readonly Check[]
  readonly tables: readonly Table[]
}

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** `results/NAME.json`. */
export interface StoredReport extends Report {
  readonly bench: string
  readonly command: string
  /** The day. */
  readonly measuredOn: string
  readonly machine: Machine
}

export interface BenchOptions {
  readonly rounds: number
  /** Short and rough: to see that a benchmark works. */
  readonly quick: boolean
}

export type RunBench = (options: BenchOptions) => Promise<Report>
