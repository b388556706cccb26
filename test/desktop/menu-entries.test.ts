import { expect, test } from 'vitest'
import {
  isSharing,
  type MenuEntry,
  type MenuSituation,
  menuEntries,
  type TrayState,
  trayState,
} from '../../main/desktop/menu-entries.ts'
import type { MeshState } from '../../main/protocol/mesh-state.ts'
import { aModel, anOverview, aWorker } from './support/a-mesh.ts'

const peer = { url: 'http://127.0.0.1:8080', token: 't' }

function aMesh(change: Partial<MeshState> = {}): MeshState {
  const self = { workerId: 'self', name: 'Desk', version: '0.1.0', mode: 'dual' } as const
  return { self, leaderId: null, workers: [aWorker()], live: [], overview: anOverview(0), ...change }
}

function situation(change: Partial<MenuSituation> = {}): MenuSituation {
  return {
    core: { state: 'running', peer },
    mesh: aMesh(),
    update: { state: 'idle' },
    quitting: false,
    ...change,
  }
}

/** `id: label`, ticked ones with a ✓, those that do nothing in brackets; submenus are indented. */
function drawn(entries: readonly MenuEntry[], indent = ''): string[] {
  return entries.flatMap(entry => {
    if (entry.separator) return [`${indent}—`]
    const { label, order, checked, entries: inner = [] } = entry
    const tick = checked ? '✓ ' : ''
    const text = order || inner.length > 0 ? label : `(${label})`
    return [`${indent}${tick}${text}`, ...drawn(inner, `${indent}  `)]
  })
}

test('the menu of a Mac that shares', () => {
  expect(drawn(menuEntries(situation()))).toEqual([
    '(1 Mac · 1 model · 0 tok/s)',
    '—',
    "✓ Share this Mac's GPU",
    'Pause for an hour',
    '—',
    'Models',
    '  tiny: ready',
    '    Unload',
    '  large: not loaded',
    '    Load',
    'Copy endpoint address',
    '—',
    'Open dashboard',
    'Settings…',
    'Check for updates…',
    '—',
    'Quit',
  ])
})

const three = [
  aWorker(),
  aWorker({ workerId: 'b', models: [aModel({ modelId: 'other' }), aModel()] }),
  aWorker({ workerId: 'c', models: [] }),
  aWorker({ workerId: 'd', status: 'offline', models: [aModel({ modelId: 'gone' })] }),
]

test.each<[string, Partial<MenuSituation>, string]>([
  [
    'three Macs',
    { mesh: aMesh({ workers: three, overview: anOverview(45.2) }) },
    '3 Macs · 2 models · 45 tok/s',
  ],
  ['no snapshot yet', { mesh: null }, 'Starting…'],
  ['a core that starts', { core: { state: 'starting' }, mesh: null }, 'Starting…'],
  ['a core that crashed', { core: { state: 'restarting', reason: 'x' } }, 'Starting again…'],
  [
    'a core that cannot start',
    { core: { state: 'failed', reason: 'port 8080 is taken\nby nginx' } },
    'Not running: port 8080 is taken',
  ],
  ['quitting', { quitting: true }, 'Quitting when running answers have ended…'],
])('the first line says how it is: %s', (_name, change, line) => {
  expect(drawn(menuEntries(situation(change)))[0]).toBe(`(${line})`)
})

test.each([
  ['paused for a while', { state: 'paused', reason: 'its owner asked for it', untilMs: 1 }, '', ['Resume']],
  ['switched off', { state: 'paused', reason: 'sharing is switched off', untilMs: null }, '', []],
  ['on battery', { state: 'paused', reason: 'on battery', untilMs: null }, '✓ ', []],
] as const)('a Mac that is %s says that it pauses, and is ticked if it is meant to share', (...row) => {
  const [, sharing, tick, further] = row
  const lines = drawn(menuEntries(situation({ mesh: aMesh({ workers: [aWorker({ sharing })] }) })))
  expect(lines.slice(2, 4 + further.length)).toEqual([
    `${tick}Share this Mac's GPU`,
    `(Paused: ${sharing.reason})`,
    ...further,
  ])
  expect(lines).not.toContain('Pause for an hour')
})

test('nothing can be ordered of a peer that is not there', () => {
  const lines = drawn(menuEntries(situation({ core: { state: 'starting' } })))
  expect(lines).toContain("(Share this Mac's GPU)")
  expect(lines).toContain('(Copy endpoint address)')
  expect(lines).toContain('Open dashboard')
})

test('a core that cannot start can be tried again', () => {
  expect(drawn(menuEntries(situation({ core: { state: 'failed', reason: 'x' } })))).toContain('Try again')
})

test('a very long list of models ends with a hint', () => {
  const models = Array.from({ length: 25 }, (_, index) => aModel({ modelId: `m${index}` }))
  const lines = drawn(menuEntries(situation({ mesh: aMesh({ workers: [aWorker({ models })] }) })))
  expect(lines).toContain('  (5 more in the dashboard)')
  expect(lines).not.toContain('  m20: ready')
})

test('the entry for updates says what is going on', () => {
  const line = (update: MenuSituation['update']) => drawn(menuEntries(situation({ update }))).at(-3)
  expect(line({ state: 'downloading', percent: 12.4 })).toBe('(Downloading an update: 12 %)')
  expect(line({ state: 'ready', version: '1.2.3' })).toBe('Restart to install 1.2.3')
})

const live = {
  requestId: 'r',
  modelId: 'tiny',
  workerId: 'self',
  phase: 'generating',
  timestamp: 1,
  tokensGenerated: 1,
  handovers: 0,
} as const

test.each<[TrayState, boolean, Partial<MenuSituation>]>([
  ['sharing', true, {}],
  ['busy', true, { mesh: aMesh({ live: [live] }) }],
  [
    'off',
    false,
    { mesh: aMesh({ workers: [aWorker({ sharing: { state: 'paused', reason: null, untilMs: null } })] }) },
  ],
  ['off', false, { mesh: null }],
  ['off', false, { core: { state: 'starting' } }],
  ['attention', false, { core: { state: 'restarting', reason: 'x' } }],
  ['attention', false, { core: { state: 'failed', reason: 'x' } }],
])('the icon shows "%s", and sharing is %s', (state, sharing, change) => {
  expect(trayState(situation(change))).toBe(state)
  expect(isSharing(situation(change))).toBe(sharing)
})
