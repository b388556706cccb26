// A whole worker on a bus in memory: what it tells the others about sharing, whom it serves, what it keeps.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { setSharing } from '../../main/cluster/commands.ts'
import { clusterSchema } from '../../main/config/schema.ts'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import { createScriptedEngine, type Script } from '../../main/engine/scripted-engine.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { decodeAnswer } from '../../main/protocol/answers.ts'
import { decodeJson, encodeJson } from '../../main/protocol/json.ts'
import { makeGatewayId, makeRequestId, subjects } from '../../main/protocol/subjects.ts'
import { heartbeat } from '../../main/protocol/workers.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { noSignals, type OwnerSignals } from '../../main/worker/sharing-policy.ts'
import { startWorker } from '../../main/worker/start-worker.ts'
import { openInbox } from '../fabric/inbox.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { modelFiles } from '../support/models.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const on = { state: 'on', reason: null, untilMs: null }
const paused = { state: 'paused', reason: 'its owner asked for it', untilMs: null }
const plugged: OwnerSignals = { ...noSignals, power: { onBattery: false, chargePercent: 90 } }
const unplugged: OwnerSignals = { ...noSignals, power: { onBattery: true, chargePercent: 90 } }

interface MacOptions {
  readonly signals?: OwnerSignals
  readonly script?: Partial<Script>
  /** The data folder and the clock of a Mac that ran before. */
  readonly dataFolder?: string
  readonly clock?: ManualClock
  readonly enabled?: boolean
}

async function startMac(options: MacOptions = {}) {
  const { clock = new ManualClock(), dataFolder = makeTempFolder(), enabled = true } = options
  const machine = { signals: options.signals ?? plugged }
  const exchange = createMemoryExchange({ clock })
  const network = exchange.join()
  const heard = await openInbox(network, '>')
  const worker = await startWorker({
    identity: { workerId: 'macmacmac1', hostname: 'w', ip: '127.0.0.1', port: 1, epoch: 1, priority: 50 },
    engine: createScriptedEngine(clock, () => options.script ?? {}),
    catalog: fixedCatalog([modelFiles('tiny')]),
    copies: { folder: dataFolder, maxBytes: null, spareBytes: 0 },
    download: null,
    pinsFile: join(dataFolder, 'pinned.json'),
    maxLoaded: 2,
    memoryBudgetBytes: 2 ** 33,
    tiers: {},
    sharing: {
      settings: clusterSchema.shape.sharing.parse({ enabled }),
      file: join(dataFolder, 'sharing.json'),
      readSignals: async () => machine.signals,
    },
    heartbeatIntervalMs: 60_000, // so that a beat in between is one that a change caused
    metricsIntervalMs: 600_000,
    bus: exchange.join(),
    clock,
    log: silentLog,
  })
  onTestFinished(() => worker.stop(0))
  let serial = 0
  const settled = () => network.flush(0).then(() => network.flush(0))
  await settled()
  return { worker, clock, dataFolder, machine, network, settled, look, told, ask, answersTo, subjectsHeard }

  /** The next look at the machine, and what follows from it. */
  async function look(): Promise<void> {
    clock.advance(5000)
    await settled()
  }

  /** What the heartbeats said of sharing, each change once. */
  function told() {
    const all = heard.messages
      .filter(({ subject }) => subject === subjects.heartbeat)
      .map(({ data }) => heartbeat.parse(decodeJson(data)).sharing)
    return all.filter((sharing, i) => i === 0 || JSON.stringify(sharing) !== JSON.stringify(all[i - 1]))
  }

  /** Resolves with the id of the request and the first answer to it. */
  async function ask(peerId: string) {
    const requestId = makeRequestId(makeGatewayId(peerId, 7), serial++)
    const request = { requestId, modelId: 'tiny', messages: [{ role: 'user', content: 'Hello' }] }
    network.publish(subjects.inference('macmacmac1'), encodeJson(request))
    await expect.poll(() => answersTo(requestId).length).toBeGreaterThan(0)
    return { requestId, first: answersTo(requestId)[0] }
  }

  function answersTo(requestId: string) {
    return heard.messages
      .filter(({ subject }) => subject === subjects.response(requestId))
      .map(({ data }) => decodeAnswer(data))
  }

  function subjectsHeard(): string[] {
    return heard.messages.map(({ subject }) => subject)
  }
}

describe('a Mac that is paused', () => {
  test('refuses the others, with the reason, and serves its own apps', async () => {
    const mac = await startMac()
    expect((await mac.ask('other12345')).first).toMatchObject({ type: 'done' })
    await setSharing(mac.network, 'macmacmac1', { state: 'paused' })
    expect((await mac.ask('other12345')).first).toMatchObject({
      type: 'busy',
      error: 'The Mac does not work for other Macs now: its owner asked for it.',
    })
    expect((await mac.ask('macmacmac12')).first).toMatchObject({ type: 'busy' })
    expect((await mac.ask('macmacmac1')).first).toMatchObject({ type: 'done' })
  })

  test('says so in a heartbeat at once, and when it is over', async () => {
    const mac = await startMac()
    expect(await setSharing(mac.network, 'macmacmac1', { state: 'paused' })).toEqual(paused)
    expect(await setSharing(mac.network, 'macmacmac1', { state: 'on' })).toEqual(on)
    await mac.settled()
    expect(mac.told()).toEqual([on, paused, on])
  })

  test('does not cut off what it does for the others', async () => {
    const mac = await startMac({ script: { tokensPerSecond: 10, answerTokens: 5 } })
    const { requestId } = await mac.ask('other12345')
    await setSharing(mac.network, 'macmacmac1', { state: 'off' })
    mac.clock.advance(1000)
    await expect.poll(() => mac.answersTo(requestId).at(-1)).toMatchObject({ type: 'done', totalTokens: 5 })
  })

  test('for an hour shares again by itself when it is over', async () => {
    const mac = await startMac()
    const untilMs = mac.clock.now() + 3_600_000
    await setSharing(mac.network, 'macmacmac1', { state: 'paused', minutes: 60 })
    mac.clock.advance(3_600_000 - 1000)
    await mac.settled()
    expect(mac.told()).toEqual([on, { ...paused, untilMs }])
    mac.clock.advance(1000)
    await mac.settled()
    expect(mac.told().at(-1)).toEqual(on)
    expect((await mac.ask('other12345')).first).toMatchObject({ type: 'done' })
  })

  test('is still paused after a restart, and for no longer than was said', async () => {
    const before = await startMac()
    await setSharing(before.network, 'macmacmac1', { state: 'paused', minutes: 60 })
    await before.worker.stop(0)
    before.clock.advance(59 * 60_000)
    const after = await startMac(before)
    expect(after.told().map(({ state }) => state)).toEqual(['paused'])
    after.clock.advance(60_000)
    await after.settled()
    expect(after.told().map(({ state }) => state)).toEqual(['paused', 'on'])
  })

  test('goes back to being switched off, if that was before the pause', async () => {
    const mac = await startMac()
    await setSharing(mac.network, 'macmacmac1', { state: 'off' })
    await setSharing(mac.network, 'macmacmac1', { state: 'paused', minutes: 1 })
    mac.clock.advance(60_000)
    await mac.settled()
    expect(mac.told().at(-1)).toMatchObject({ state: 'paused', reason: 'sharing is switched off' })
  })
})

describe('the switch', () => {
  test('outlives a restart, and outweighs the configuration', async () => {
    const before = await startMac({ enabled: false })
    expect(before.told()).toMatchObject([{ state: 'paused', reason: 'sharing is switched off' }])
    await setSharing(before.network, 'macmacmac1', { state: 'on' })
    await before.worker.stop(0)
    const after = await startMac({ ...before, enabled: false })
    expect(after.told()).toEqual([on])
  })

  test('counts as never touched when its file is damaged', async () => {
    const dataFolder = makeTempFolder()
    writeFileSync(join(dataFolder, 'sharing.json'), '{"shared": fal')
    expect((await startMac({ dataFolder })).told()).toEqual([on])
  })

  test('works also where nothing can be written', async () => {
    const file = join(makeTempFolder(), 'a file')
    writeFileSync(file, '')
    const mac = await startMac({ dataFolder: file })
    expect(await setSharing(mac.network, 'macmacmac1', { state: 'paused' })).toEqual(paused)
    expect(existsSync(join(file, 'sharing.json'))).toBe(false)
  })
})

describe('a Mac that is unplugged', () => {
  test('pauses at the next look, and says so at once', async () => {
    const mac = await startMac()
    mac.machine.signals = unplugged
    await mac.look()
    expect(mac.told()).toEqual([on, { ...paused, reason: 'on battery, 90 % left' }])
    mac.machine.signals = plugged
    await mac.look()
    mac.clock.advance(30_000)
    await mac.settled()
    expect(mac.told().map(({ state, reason }) => reason ?? state)).toEqual([
      'on',
      'on battery, 90 % left',
      'about to share again',
      'on',
    ])
  })

  test('does not begin with sharing', async () => {
    const mac = await startMac({ signals: unplugged })
    expect(mac.told()).toEqual([{ ...paused, reason: 'on battery, 90 % left' }])
  })
})

describe('a Mac that leaves', () => {
  test('says so first, lets answers end, and then goes', async () => {
    const mac = await startMac({ script: { tokensPerSecond: 10, answerTokens: 5 } })
    const { requestId } = await mac.ask('other12345')
    const stopped = mac.worker.stop(60_000)
    await mac.settled()
    expect(mac.told().at(-1)).toEqual({ state: 'leaving', reason: 'it is stopping', untilMs: null })
    expect(mac.subjectsHeard()).not.toContain(subjects.shutdown)
    expect((await mac.ask('macmacmac1')).first).toMatchObject({ type: 'busy' })
    expect((await mac.ask('other12345')).first).toMatchObject({ type: 'busy' })
    mac.clock.advance(1000)
    await stopped
    await mac.settled()
    expect(mac.answersTo(requestId).at(-1)).toMatchObject({ type: 'done', totalTokens: 5 })
    expect(mac.subjectsHeard().at(-1)).toBe(subjects.shutdown)
  })

  test('is told beforehand, so that the others take over while it still answers', async () => {
    const mac = await startMac({ script: { tokensPerSecond: 10, answerTokens: 5 } })
    const { requestId } = await mac.ask('other12345')
    mac.worker.leave()
    await mac.settled()
    expect(mac.told().at(-1)).toMatchObject({ state: 'leaving' })
    expect((await mac.ask('macmacmac1')).first).toMatchObject({ type: 'busy' })
    await setSharing(mac.network, 'macmacmac1', { state: 'on' })
    mac.clock.advance(1000)
    await expect.poll(() => mac.answersTo(requestId).at(-1)).toMatchObject({ type: 'done' })
    expect(mac.told().at(-1)).toMatchObject({ state: 'leaving' })
  })

  test('ends what takes longer than its grace', async () => {
    const mac = await startMac({ script: { tokensPerSecond: 1, answerTokens: 1000 } })
    const { requestId } = await mac.ask('other12345')
    const stopped = mac.worker.stop(5000)
    await mac.settled()
    mac.clock.advance(5000)
    await stopped
    await mac.settled()
    expect(mac.answersTo(requestId).at(-1)).toMatchObject({ type: 'error', code: 'SHUTTING_DOWN' })
  })
})
