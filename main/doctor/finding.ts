import type { LoadOptions } from '../config/load-config.ts'

/** What is looked at: a peer, or where one would run. */
export interface Patient {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where its configuration comes from. */
  readonly layers: LoadOptions
  /** Where it answers; nothing: as commands find it. */
  readonly url?: string | undefined
  /** Whether it is this process. */
  readonly isSelf?: boolean
}

export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do about it. */
  readonly advice?: string
  /** What would mend it at once. */
  readonly mend?: Mend
}

interface Mend {
  /** As a button says it. */
  readonly label: string
  run(): Promise<void>
}

export interface Check {
  /** `data-folder` */
  readonly id: string
  readonly title: string
  look(): Promise<Finding>
}
