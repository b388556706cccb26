// The end of the log as it may leave this Mac.
import { mostEndBytes, noEnd, readEnd, withoutTexts } from '../telemetry/log-end.ts'

const maxLines = 2000

/** The oldest line first: objects of a log for programs, texts of one for people. None where there is no log. */
export async function readLogTail(file: string): Promise<unknown[]> {
  const { text } = await readEnd(file).catch(() => noEnd)
  const older = text.length < mostEndBytes ? await readEnd(`${file}.1`).catch(() => noEnd) : noEnd
  const lines = `${older.text}${text}`.split('\n').slice(-maxLines)
  return lines.map(withoutTexts).filter(line => line !== null)
}
