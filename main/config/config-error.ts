import { describeSource, type Source } from './source.ts'

/** One thing that is wrong with the configuration. */
export interface Problem {
  readonly source: Source
  /** `controller.port`; null when the file as a whole is at fault. */
  readonly key: string | null
  /** What is wrong and what was expected, for a reader. */
  readonly message: string
}

/** The configuration cannot be used; the message names every problem with its file, line and key. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function describeProblem({ source, key, message }: Problem): string {
  return `${describeSource(source)}: ${key === null ? '' : `${key}: `}${message}`
}
