/** What was asked for cannot be done; the message is all that the user needs. */
export class CommandError extends Error {
  /** 2: the command line is wrong. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
