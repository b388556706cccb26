// The log of the app's shell, beside the core's: JSON lines in a rotated file. Not pino, which needs a newer Node.js than
// the oldest Electron that the shell runs in.
import type { Log } from '../telemetry/log.ts'
import { openRotatedFile } from '../telemetry/rotated-file.ts'

export interface AppLog extends Log {
  /** Writes what waits before returning; for the last words of a process. */
  flushNow(): void
}

type Level = 'info' | 'warn' | 'error'

export function openAppLog(file: string): AppLog {
  const rotated = openRotatedFile({
    path: file,
    maxBytes: 2 ** 20,
    keep: 2,
    onTrouble: error => console.error(`MLX Mesh: ${file} cannot be written: ${error.message}`),
  })
  return { ...logWith({}), flushNow: rotated.flushNow }

  function logWith(always: Readonly<Record<string, unknown>>): Log {
    const write =
      (level: Level) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        rotated.write(
          `${JSON.stringify({ level, time: new Date().toISOString(), ...always, ...fields, msg: message }, readable)}\n`,
        )
    return {
      debug: () => {},
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: fields => logWith({ ...always, ...fields }),
    }
  }
}

function readable(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack } : value
}
