/** One figure that has a target. */
export interface Check {
  readonly what: string
  readonly measured: number
  readonly unit: string
  readonly target: number
  readonly atMost: boolean
}

export function atMost(what: string, measured: number, target: number, unit = ''): Check {
  return { what, measured, unit, target, atMost: true }
}

export function atLeast(what: string, measured: number, target: number, unit = ''): Check {
  return { what, measured, unit, target, atMost: false }
}

/** False also for a figure that could not be measured (NaN). */
export function passes({ measured, target, atMost }: Check): boolean {
  return atMost ? measured <= target : measured >= target
}
