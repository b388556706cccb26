// The doctor of a running peer: each check once at a time, within a bound, and what it can mend.
import type { Clock } from '../protocol/clock.ts'
import type { DoctorChecks, DoctorFinding } from '../protocol/settings.ts'
import { listChecks } from './checks.ts'
import type { Check, Finding, Patient } from './finding.ts'

export interface Doctor {
  checks(): DoctorChecks
  /** Null: there is no such check. */
  look(id: string): Promise<DoctorFinding> | null
  /** Mends what is found, if that can be done here, and looks again. */
  mend(id: string): Promise<DoctorFinding> | null
}

/** A first import of MLX, or a model that is loaded for an answer, may take longer: the check goes on meanwhile. */
const patienceMs = 60_000

export function openDoctor(patient: Patient, clock: Clock): Doctor {
  const checks = listChecks(patient)
  const looking = new Map<string, Promise<Finding>>()
  const mending = new Map<string, Promise<DoctorFinding>>()
  const find = (id: string) => checks.find(check => check.id === id) ?? null

  return {
    checks: () => ({ checks: checks.map(({ id, title }) => ({ id, title })) }),
    look: id => {
      const check = find(id)
      return check && lookAt(check)
    },
    mend: id => {
      const check = find(id)
      return check && once(mending, id, () => mend(check))
    },
  }

  async function lookAt(check: Check): Promise<DoctorFinding> {
    const {
      message,
      status,
      advice = null,
      mend,
    } = await inTime(once(looking, check.id, () => lookOnce(check)))
    return { id: check.id, title: check.title, status, message, advice, mend: mend?.label ?? null }
  }

  async function mend(check: Check): Promise<DoctorFinding> {
    const found = await inTime(once(looking, check.id, () => lookOnce(check)))
    await found.mend?.run()
    return lookAt(check)
  }

  /** The first to look looks for all who come meanwhile. */
  function once<T>(under: Map<string, Promise<T>>, id: string, begin: () => Promise<T>): Promise<T> {
    const known = under.get(id)
    if (known) return known
    const begun = begin().finally(() => under.delete(id))
    under.set(id, begun)
    return begun
  }

  async function lookOnce({ look }: Check): Promise<Finding> {
    return look().catch(error => ({
      status: 'warn',
      message: `it could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
    }))
  }

  function inTime(finding: Promise<Finding>): Promise<Finding> {
    const late = Promise.withResolvers<Finding>()
    const callOff = clock.after(patienceMs, () =>
      late.resolve({
        status: 'warn',
        message: `nothing is known after ${patienceMs / 1000} s`,
        advice: 'It goes on: look again in a while.',
      }),
    )
    return Promise.race([finding, late.promise]).finally(callOff)
  }
}
