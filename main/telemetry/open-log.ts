// The log of a peer: pino's lines into a rotated file, warnings and errors for a reader on standard error too.
import pino from 'pino'
import type { Config } from '../config/config.ts'
import { dataPaths } from '../config/data-folder.ts'
import { humanLine } from './human-line.ts'
import type { Log } from './log.ts'
import { openRotatedFile } from './rotated-file.ts'

export interface OpenLog extends Log {
  /** Where the lines go. */
  readonly file: string
  /** Writes what waits before returning; for the last words of a process. */
  flushNow(): void
  close(): Promise<void>
}

export type LogConfig = Pick<Config, 'dataFolder'> & {
  readonly monitoring: Pick<Config['monitoring'], 'logging'>
}

/** `say` receives warnings and errors as lines for a reader; null: nobody reads along. */
export function openLog(config: LogConfig, say: ((line: string) => void) | null): OpenLog {
  const { level, format, file: chosen } = config.monitoring.logging
  const file = chosen ?? dataPaths(config.dataFolder).logFile
  const rotated = openRotatedFile({
    path: file,
    onTrouble: error => reportTrouble(file, error),
  })
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    {
      write(line: string) {
        rotated.write(format === 'text' ? humanLine(line) : line)
        if (say && /^\{"level":"(warn|error)"/.test(line)) say(humanLine(line))
      },
    },
  )
  return {
    ...wrap(root),
    file,
    flushNow: rotated.flushNow,
    close: rotated.close,
  }
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: fields => wrap(logger.child(fields)),
  }
}

function reportTrouble(file: string, error: Error): void {
  process.stderr.write(`mlx-mesh: the log ${file} cannot be written (${error.message}); serving goes on.\n`)
}
