// What the soak has to say at its end.
import { summarize } from '../../bench/load/samples.ts'
import { longestGapMs } from '../machines/ask.ts'
import type { Judged } from './clients.ts'

/** A pause of a stream that is longer than this is one that a fault made. */
const pauseMs = 250

export class SoakTally {
  readonly faults = new Map<string, number>()
  readonly #verdicts = new Map<Judged['verdict'], number>()
  readonly #errors = new Map<string, number>()
  readonly #pausesMs: number[] = []
  readonly #detectedMs: number[] = []
  readonly bad: Judged[] = []

  addFault(name: string): void {
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1)
  }

  addDetection(tookMs: number | null): void {
    if (tookMs !== null) this.#detectedMs.push(tookMs)
  }

  add(judged: Judged): void {
    const { verdict, answer, wasAway } = judged
    this.#verdicts.set(verdict, this.count(verdict) + 1)
    if (verdict === 'error') {
      const [code = ''] = answer.reason.split(':')
      this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
    }
    if (verdict === 'lost' || verdict === 'wrong') this.bad.push(judged)
    const gapMs = longestGapMs(answer)
    if (verdict === 'right' && !wasAway && gapMs > pauseMs) this.#pausesMs.push(gapMs)
  }

  count(verdict: Judged['verdict']): number {
    return this.#verdicts.get(verdict) ?? 0
  }

  lines(): string[] {
    const requests = [...this.#verdicts.values()].reduce((sum, count) => sum + count, 0)
    return [
      `faults     ${[...this.faults].map(([name, count]) => `${count} × ${name}`).join(', ') || 'none'}`,
      `requests   ${requests}: ${this.count('right')} complete and right, ${this.count('error')} with a readable error${listOf(this.#errors)}, ${this.count('away')} of Macs that were dead or frozen themselves`,
      `resumed    ${this.#pausesMs.length} streams went on after a pause`,
      `lost       ${this.count('lost')}`,
      `wrong      ${this.count('wrong')}`,
      `to resume  ${percentiles(this.#pausesMs)}`,
      `to detect  ${percentiles(this.#detectedMs)}`,
    ]
  }
}

function listOf(counts: ReadonlyMap<string, number>): string {
  const parts = [...counts].map(([name, count]) => `${count} × ${name}`)
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

function percentiles(valuesMs: readonly number[]): string {
  const found = summarize(valuesMs)
  if (!found) return 'nothing measured'
  const [p50, p95, max] = [found.p50, found.p95, found.max].map(ms => `${(ms / 1000).toFixed(2)} s`)
  return `p50 ${p50}, p95 ${p95}, longest ${max}`
}
