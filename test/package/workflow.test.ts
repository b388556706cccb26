// What runs on the builders of others has their secrets in reach.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const folder = resolve(import.meta.dirname, '..', '..', '.github', 'workflows')
const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      'timeout-minutes': z.number(),
      steps: z.array(
        z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() }),
      ),
    }),
  ),
})

describe.each(readdirSync(folder))('the workflow %s', name => {
  const { permissions, jobs } = workflow.parse(parse(readFileSync(join(folder, name), 'utf8')))
  const steps = Object.values(jobs).flatMap(job => job.steps)

  test('may read the repository and nothing else', () => {
    expect(permissions).toEqual({ contents: 'read' })
  })

  test('uses actions whose content cannot change', () => {
    const used = steps.flatMap(({ uses }) => uses ?? [])
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/)
  })

  test('leaves no credentials in the checkout', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false })
  })
})
