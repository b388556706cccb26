// Where a test or a benchmark runs a peer: on this machine, or on one of several that it has made.
import { type Child, startChild } from '../../main/process/child.ts'

interface ProgramOnPlace {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

export interface Place {
  readonly name: string
  /** Where the other places reach this one. */
  readonly address: string
  /** Starts a program that ends with this process, also when this process is killed. */
  run(program: ProgramOnPlace): Child
  /** Makes a server that listens on the place's loopback reachable for this process: `http://127.0.0.1:PORT`. */
  urlOf(port: number): Promise<string>
}

/** This machine, on which peers tell each other apart by their ports. */
export const loopback: Place = {
  name: 'loopback',
  address: '127.0.0.1',
  run: program => startChild({ ...program, guarded: true }),
  urlOf: async port => `http://127.0.0.1:${port}`,
}
