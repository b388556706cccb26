// The end of one Mac's log, for a dashboard on another one.
import { type Bus, type BusMessage, maxMessageBytes } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import type { WorkerLog } from '../protocol/dashboard.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import { decodeJson, encodeJson } from '../protocol/json.ts'
import { type LogAnswer, type LogRequest, logAnswer, logRequest } from '../protocol/log-tail.ts'
import { subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'
import { readLogTail } from '../telemetry/log-tail.ts'

const answerWithinMs = 3000
/** Of the lines of an answer; the rest of a message is for what stands around them. */
const maxLinesBytes = maxMessageBytes - 1024

interface GiveLogOptions {
  readonly bus: Bus
  readonly workerId: string
  readonly file: string
  readonly log: Log
}

/** Answers those who ask for the end of this Mac's log. */
export function giveLog({ bus, workerId, file, log }: GiveLogOptions): () => void {
  return bus.subscribe(
    subjects.logTail(workerId),
    parsed(logRequest, log, (request, message) => void answer(request, message)),
  )

  async function answer({ limit }: LogRequest, message: BusMessage): Promise<void> {
    const said = await readLogTail(file, limit).then(
      (lines): LogAnswer => ({ ok: true, lines: thoseThatFit(lines) }),
      (error): LogAnswer => ({ ok: false, error: `its log cannot be read (${asMeshError(error).message})` }),
    )
    try {
      message.respond(encodeJson(said))
    } catch (error) {
      log.debug('the end of the log could not be sent', { error })
    }
  }
}

/** Rejects with MeshError when the Mac does not answer, or has no log. */
export async function askForLog(bus: Bus, workerId: string, limit: number): Promise<WorkerLog> {
  const answer = await ask(bus, workerId, limit)
  if (answer.ok) return { lines: answer.lines }
  throw new MeshError('NO_WORKER', `The Mac does not show its log: ${answer.error}.`)
}

async function ask(bus: Bus, workerId: string, limit: number): Promise<LogAnswer> {
  try {
    const request = encodeJson({ limit } satisfies LogRequest)
    return logAnswer.parse(decodeJson(await bus.request(subjects.logTail(workerId), request, answerWithinMs)))
  } catch (thrown) {
    const why =
      asMeshError(thrown).code === 'NO_WORKER'
        ? 'it is not connected, or runs an earlier release of MLX Mesh'
        : 'it did not answer in time'
    throw new MeshError('NO_WORKER', `The Mac does not show its log: ${why}.`, { retryAfterMs: 1000 })
  }
}

/** The latest. */
function thoseThatFit(lines: WorkerLog['lines']): WorkerLog['lines'] {
  let bytes = 0
  let from = lines.length
  while (from > 0) {
    bytes += Buffer.byteLength(JSON.stringify(lines[from - 1])) + 1
    if (bytes > maxLinesBytes) break
    from--
  }
  return lines.slice(from)
}
