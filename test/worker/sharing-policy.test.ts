import { describe, expect, test } from 'vitest'
import { clusterSchema } from '../../main/config/schema.ts'
import {
  type Decision,
  decideSharing,
  noSignals,
  type OwnerSignals,
  type OwnerWish,
  type SharingSettings,
  undecided,
} from '../../main/worker/sharing-policy.ts'

const defaults: SharingSettings = clusterSchema.shape.sharing.parse({})
const nothingSaid: OwnerWish = { shared: null, pause: null }
const well: OwnerSignals = {
  power: { onBattery: false, chargePercent: 80 },
  thermal: 'nominal',
  memoryPressure: 'normal',
  idleMs: 300_000,
  othersGpuPercent: 0,
}
const onBattery = { power: { onBattery: true, chargePercent: 70 } }
const playing = { idleMs: 500, othersGpuPercent: 90 }

interface Moment {
  readonly atS: number
  readonly signals?: Partial<OwnerSignals>
  readonly wish?: Partial<OwnerWish>
}

/** A second of looks for each second that passes, as a worker has them. */
function live(moments: readonly Moment[], settings: Partial<SharingSettings> = {}) {
  let decision: Decision = undecided
  let [signals, wish] = [well, nothingSaid]
  const changes: string[] = []
  let said = 'on'
  const endS = moments.at(-1)?.atS ?? 0
  for (let second = 0; second <= endS; second++) {
    for (const moment of moments.filter(({ atS }) => atS === second)) {
      signals = { ...well, ...moment.signals }
      wish = { ...nothingSaid, ...moment.wish }
    }
    const situation = { signals, wish, settings: { ...defaults, ...settings }, nowMs: second * 1000 }
    decision = decideSharing(situation, decision)
    const { state, reason } = decision.sharing
    const now = reason === null ? state : `${state}: ${reason}`
    if (now !== said) changes.push(`${second} s ${now}`)
    said = now
  }
  return { changes, last: decision.sharing }
}

describe('a Mac pauses at once', () => {
  test.each<[string, Partial<OwnerSignals>, Partial<SharingSettings>, string | null]>([
    ['on battery', onBattery, {}, 'on battery, 70 % left'],
    [
      'on a battery that hides its charge',
      { power: { onBattery: true, chargePercent: null } },
      {},
      'on battery',
    ],
    ['on battery, unless that is allowed', onBattery, { on_battery: 'share' }, null],
    ['when it is hot', { thermal: 'serious' }, {}, 'too hot (serious)'],
    ['when it is hotter still', { thermal: 'critical' }, {}, 'too hot (critical)'],
    ['not when it is warm', { thermal: 'fair' }, {}, null],
    ['only when very hot, if so configured', { thermal: 'serious' }, { thermal: 'critical' }, null],
    ['never for heat, if so configured', { thermal: 'critical' }, { thermal: 'ignore' }, null],
    ['when memory is very short', { memoryPressure: 'critical' }, {}, 'short of memory (critical)'],
    ['not at the first warning of memory', { memoryPressure: 'warn' }, {}, null],
    [
      'at the first warning, if so configured',
      { memoryPressure: 'warn' },
      { memory_pressure: 'warn' },
      'short of memory (warn)',
    ],
    [
      'never for memory, if so configured',
      { memoryPressure: 'critical' },
      { memory_pressure: 'ignore' },
      null,
    ],
    ['when sharing is configured off', {}, { enabled: false }, 'sharing is switched off'],
    ['not for what is not known', noSignals, { memory_pressure: 'warn' }, null],
  ])('%s', (_, signals, settings, reason) => {
    const { last } = live([{ atS: 0, signals }], settings)
    expect(last).toEqual({ state: reason === null ? 'on' : 'paused', reason, untilMs: null })
  })
})

describe('the owner at the Mac', () => {
  test.each<[string, Partial<OwnerSignals>, Partial<SharingSettings>, boolean]>([
    ['pauses it while other programs use the GPU', playing, {}, true],
    ['does not while they hardly use it', { idleMs: 500, othersGpuPercent: 30 }, {}, false],
    [
      'does not when the GPU is busy and nobody is there',
      { idleMs: 120_000, othersGpuPercent: 90 },
      {},
      false,
    ],
    [
      'does not where nothing tells whether somebody is there',
      { idleMs: null, othersGpuPercent: 90 },
      {},
      false,
    ],
    ['does not where nothing tells whose work it is', { idleMs: 500, othersGpuPercent: null }, {}, false],
    ['does not when the owner shares all the same', playing, { while_owner_active: 'share' }, false],
    ['decides how much is too much', playing, { owner_gpu_percent: 95 }, false],
  ])('%s', (_, signals, settings, pauses) => {
    const { last } = live(
      [
        { atS: 0, signals },
        { atS: 60, signals },
      ],
      settings,
    )
    expect(last.reason).toBe(pauses ? 'its owner is using the GPU' : null)
  })

  test('does not pause it for a moment of animation', () => {
    const moments = [{ atS: 5, signals: playing }, { atS: 14 }, { atS: 20, signals: playing }, { atS: 29 }]
    expect(live([...moments, { atS: 100 }]).changes).toEqual([])
  })

  test('keeps it paused while nothing tells whose work the GPU does', () => {
    const moments = [
      { atS: 0, signals: playing },
      { atS: 20, signals: { ...playing, othersGpuPercent: null } },
      { atS: 200, signals: { ...playing, othersGpuPercent: null } },
    ]
    expect(live(moments).changes).toEqual(['10 s paused: its owner is using the GPU'])
  })
})

describe('a Mac shares again', () => {
  test('when all has been well for 30 s', () => {
    expect(live([{ atS: 0, signals: onBattery }, { atS: 60 }, { atS: 120 }]).changes).toEqual([
      '0 s paused: on battery, 70 % left',
      '60 s paused: about to share again',
      '90 s on',
    ])
    expect(live([{ atS: 0, signals: onBattery }, { atS: 60 }, { atS: 70 }]).last.untilMs).toBe(90_000)
  })

  test('and not in between while a signal comes and goes', () => {
    const comesAndGoes = [0, 1, 2].flatMap(i => [
      { atS: i * 40, signals: { thermal: 'serious' } as const },
      { atS: i * 40 + 20 },
    ])
    const [paused, soon] = ['paused: too hot (serious)', 'paused: about to share again']
    expect(live([...comesAndGoes, { atS: 200 }]).changes).toEqual([
      ...[
        `0 s ${paused}`,
        `20 s ${soon}`,
        `40 s ${paused}`,
        `60 s ${soon}`,
        `80 s ${paused}`,
        `100 s ${soon}`,
      ],
      '130 s on',
    ])
  })

  test('later, when the GPU gets busy again before the 30 s are over', () => {
    const moments = [{ atS: 0, signals: playing }, { atS: 20 }, { atS: 48, signals: playing }, { atS: 52 }]
    expect(live([...moments, { atS: 100 }]).changes).toEqual([
      '10 s paused: its owner is using the GPU',
      '20 s paused: about to share again',
      '48 s paused: its owner is using the GPU',
      '52 s paused: about to share again',
      '82 s on',
    ])
  })

  test('with the reason that holds now, when one follows another', () => {
    const moments = [
      { atS: 0, signals: onBattery },
      { atS: 10, signals: { thermal: 'serious' } as const },
    ]
    expect(live([...moments, { atS: 20 }, { atS: 60 }]).changes).toEqual([
      '0 s paused: on battery, 70 % left',
      '10 s paused: too hot (serious)',
      '20 s paused: about to share again',
      '50 s on',
    ])
  })

  test('no later because somebody set the clock back', () => {
    const look = (signals: OwnerSignals, nowMs: number, previous: Decision) =>
      decideSharing({ signals, settings: defaults, wish: nothingSaid, nowMs }, previous)
    let decision = look({ ...well, ...onBattery }, 1e9, undecided)
    decision = look(well, 1e9, decision)
    decision = look(well, 5000, decision)
    expect(decision.sharing.state).toBe('paused')
    expect(look(well, 35_000, decision).sharing.state).toBe('on')
  })
})

describe('what the owner says', () => {
  test('counts at once, also when it is to share again', () => {
    const moments = [{ atS: 5, wish: { pause: { untilMs: null } } }, { atS: 9 }]
    expect(live(moments).changes).toEqual(['5 s paused: its owner asked for it', '9 s on'])
  })

  test('a pause ends by itself, and says when', () => {
    const pause = { atS: 5, wish: { pause: { untilMs: 65_000 } } }
    expect(live([pause]).last).toEqual({
      state: 'paused',
      reason: 'its owner asked for it',
      untilMs: 65_000,
    })
    expect(live([pause, { ...pause, atS: 70 }]).changes).toEqual([
      '5 s paused: its owner asked for it',
      '65 s on',
    ])
  })

  test('the switch outweighs the configuration, both ways', () => {
    expect(live([{ atS: 0, wish: { shared: true } }], { enabled: false }).last.state).toBe('on')
    expect(live([{ atS: 0, wish: { shared: false } }]).last.reason).toBe('sharing is switched off')
  })

  test('to share does not outweigh the battery', () => {
    expect(live([{ atS: 0, signals: onBattery, wish: { shared: true } }]).last.state).toBe('paused')
  })

  test('a pause that is over finds the battery where it is', () => {
    const wish = { pause: { untilMs: 20_000 } }
    expect(
      live([
        { atS: 0, wish },
        { atS: 10, wish, signals: onBattery },
        { atS: 30, wish, signals: onBattery },
      ]).changes,
    ).toEqual(['0 s paused: its owner asked for it', '20 s paused: on battery, 70 % left'])
  })
})
