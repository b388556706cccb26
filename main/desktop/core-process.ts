// The process that serves, as the app sees it: in a utility process of Electron, or on an outside Node.js.

export interface CoreProcess {
  /** Resolves once the process is gone, also when it could not be started. */
  readonly exited: Promise<CoreExit>
  /** Asks it to let running answers end, and then to go. */
  stop(): void
  /** At once, also while it hangs. */
  kill(): void
}

export interface CoreExit {
  /** Null: it was killed, or never started. */
  readonly code: number | null
  /** For a reader: "exited with code 1". */
  readonly reason: string
  /** The end of what it said on standard error. */
  readonly words: string
}

interface CoreOptions {
  /** The bundle of the core, `core.cjs`. */
  readonly program: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** What seals its secrets, in base64: it goes over the channel alone. Null: there is none. */
  readonly key: string | null
  /** Each line of its standard output. */
  readonly onLine: (line: string) => void
}

export type StartCore = (options: CoreOptions) => CoreProcess

/** `env` for the core: that an app owns it, and whether it has to wait for a key. */
export function coreEnvironment(env: NodeJS.ProcessEnv, key: string | null): NodeJS.ProcessEnv {
  return { ...env, MLX_MESH_PARENT: '1', ...(key === null ? {} : { MLX_MESH_KEY_FROM_OWNER: '1' }) }
}

const mostWordsChars = 4000

/** Keeps the end of what is said. */
export function keepWords(): { add(line: string): void; text(): string } {
  let text = ''
  return {
    add: line => {
      text = `${text}${line}\n`.slice(-mostWordsChars)
    },
    text: () => text.trim(),
  }
}
