// The load: apps on each Mac that ask the Mac's own endpoint, one question after the other, and judge every answer.
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, ask } from '../machines/ask.ts'
import type { Random } from '../support/random.ts'
import type { Mac } from './mac.ts'

export interface Judged {
  /**
   * `right`: all of the reference. `error`: readable. `away`: the Mac whose app asked was itself dead or frozen.
   * `wrong`: another text than the reference's, or not all of it. `lost`: no last word, or none in time.
   */
  readonly verdict: 'right' | 'error' | 'away' | 'wrong' | 'lost'
  readonly mac: Mac
  /** The Mac whose app asked was dead or frozen for a while. */
  readonly wasAway: boolean
  readonly answer: Answer
  readonly question: SoakQuestion
}

interface SoakQuestion {
  readonly prompt: string
  readonly maxTokens: number
}

/** Every request must have its last word within this time. */
const lastWordWithinMs = 60_000
const restMs = 50
const prompts = ['b', 'dur', 'fest', 'going', 'kumi', 'lato', 'mash', 'nora', 'pel', 'ran', 'sim', 'tu']

/** Of the longest answers; each shorter one is a beginning of one. */
const longestTokens = 250

/** What an undisturbed mesh answers, by prompt. */
export async function referenceOf(mac: Mac): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(
      prompts.map(async prompt => {
        const question = { model: 'scripted', prompt, maxTokens: longestTokens }
        const { end, text, reason } = await ask(mac.peer().url, question)
        if (end !== 'complete') throw new Error(`no reference for ${prompt}: ${reason}`)
        return [prompt, text] as const
      }),
    ),
  )
}

/** Asks until `goesOn` says no; resolves when the last answer is judged. */
export async function runClient(
  mac: Mac,
  random: Random,
  reference: ReadonlyMap<string, string>,
  goesOn: () => boolean,
  onJudged: (judged: Judged) => void,
): Promise<void> {
  while (goesOn()) {
    await delay(restMs)
    if (!mac.isUp()) continue
    const question = { prompt: random.of(prompts), maxTokens: Math.round(random.between(20, longestTokens)) }
    const absencesBefore = mac.absences()
    const answer = await ask(mac.peer().url, {
      model: 'scripted',
      ...question,
      signal: AbortSignal.timeout(lastWordWithinMs),
    })
    const wasAway = mac.absences() !== absencesBefore
    const expected = beginning(reference.get(question.prompt) ?? '', question.maxTokens)
    onJudged({
      verdict: judge(answer, expected, question.maxTokens, wasAway),
      mac,
      wasAway,
      answer,
      question,
    })
  }
}

export function judge(answer: Answer, expected: string, tokens: number, wasAway: boolean): Judged['verdict'] {
  const { end, text } = answer
  if (end === 'complete') return text === expected && answer.tokens === tokens ? 'right' : 'wrong'
  if (!expected.startsWith(text)) return 'wrong'
  if (end !== 'broken') return 'error'
  return wasAway ? 'away' : 'lost'
}

/** The first tokens of a scripted text; each ends with a space. */
function beginning(text: string, tokens: number): string {
  return text.match(/\S+ /g)?.slice(0, tokens).join('') ?? ''
}
