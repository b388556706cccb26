// What Grafana and Prometheus are given to ask for is what a Mac tells: everything against a `/metrics` after real traffic.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { workerFigures } from '../../main/gateway/worker-figures.ts'
import { openMetrics } from '../../main/telemetry/metrics.ts'
import { chat, streamed } from '../gateway/support/ask.ts'
import { openDoor } from '../gateway/support/open-door.ts'
import { type FreezableBus, freezable } from '../support/freezable-bus.ts'
import { type Mesh, startMesh } from '../support/mesh-in-memory.ts'

const folder = resolve(import.meta.dirname, '..', '..', 'resources', 'observability')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

const target = z.object({ refId: z.string(), expr: z.string() })
const position = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })
const panel = z.object({
  id: z.number(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: position,
  targets: z.array(target).min(1).optional(),
})
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number().min(39),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(panel),
})
const rule = z.strictObject({
  alert: z.string().regex(/^MlxMesh\w+$/),
  expr: z.string(),
  for: z.string().regex(/^\d+m$/),
  labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
})
const rules = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })) })

const board = dashboard.parse(JSON.parse(read('grafana-dashboard.json')))
const alerts = rules.parse(parse(read('alerts.yaml'))).groups.flatMap(group => group.rules)
const questions = [
  ...board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  ...alerts.map(({ alert, expr }) => ({ title: alert, expr })),
]

test('what Grafana and Prometheus ask for is told, and so is what the README names', async () => {
  const { metrics, labels } = await figuresAfterTraffic()
  const missing = questions.flatMap(({ title, expr }) => {
    const names = expr.match(/\b(mlx_\w+|up)\b/g) ?? [expr]
    const wrong = [
      ...names.filter(name => !metrics.has(name)),
      ...labelsOf(expr).filter(label => !labels.has(label)),
    ]
    return wrong.map(name => `${title}: ${name}`)
  })
  expect(missing).toEqual([])

  const families = new Set([...metrics].map(name => name.replace(/_(bucket|sum|count)$/, '')))
  const named = new Set(['up', ...(read('README.md').match(/\bmlx_\w+[a-z]\b/g) ?? [])])
  expect([...named].sort()).toEqual([...families].sort())
})

test.each(questions)('$title: every bracket has its other half', ({ expr }) => {
  const open: string[] = []
  for (const [bracket] of expr.replaceAll(/"[^"]*"/g, '').matchAll(/[()[\]{}]/g)) {
    if ('([{'.includes(bracket)) open.push(bracket)
    else expect(`${open.pop()}${bracket}`).toMatch(/^(\(\)|\[\]|\{\})$/)
  }
  expect(open).toEqual([])
})

test('the dashboard asks for a data source, and no panel lies on another one', () => {
  expect(board.templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'datasource datasource',
    'model query',
  ])
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length)
  const taken = new Set<string>()
  for (const { title, gridPos } of board.panels) {
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken, title).not.toContain(`${x} ${y}`)
        taken.add(`${x} ${y}`)
      }
  }
})

/** Names of samples and of their labels as a Mac tells them that has answered, refused, and seen a Mac vanish. */
async function figuresAfterTraffic() {
  const exchange = createMemoryExchange()
  let mesh: Mesh<FreezableBus> | null = null
  const figures = openMetrics(() => mesh?.view.workers().map(workerFigures) ?? [])
  mesh = await startMesh(async () => freezable(exchange.join()), {
    workers: 2,
    script: { tokensPerSecond: 500 },
    figures,
  })
  const { workers } = mesh
  const door = await openDoor({ infer: mesh.infer, metrics: figures })
  const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 20 }
  await chat(door, asked)
  await chat(door, { ...asked, model: 'nobody/has' })
  const answer = streamed(door, '/v1/chat/completions', { ...asked, max_tokens: 300 })
  const server = () => workers.find(({ serving }) => serving.activeRequests > 0)
  await expect.poll(server).toBeDefined()
  server()?.bus.freeze()
  await answer
  const metrics = new Set(['up'])
  const labels = new Set(['job', 'instance'])
  const text = await (await fetch(`${door.url}/metrics`)).text()
  for (const [, name = '', list = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    metrics.add(name)
    for (const [, label = ''] of list.matchAll(/(\w+)="/g)) labels.add(label)
  }
  return { metrics, labels }
}

/** Of `by (…)`, `on (…)`, `group_left (…)` and `{…}`. */
function labelsOf(expr: string): string[] {
  const lists = [...expr.matchAll(/\b(?:by|on|group_left) \(([^)]*)\)/g)].map(([, list = '']) => list)
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  )
  return [...lists.flatMap(list => list.split(',').map(label => label.trim())), ...matchers]
}
