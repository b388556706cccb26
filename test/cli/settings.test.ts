import { closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { workerRecord } from '../../main/client/peer-answers.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { meshAnswer } from '../../main/protocol/mesh-answer.ts'
import { type SettingsAnswer, settingsAnswer, settingsRefusal } from '../../main/protocol/settings.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../support/temp-folder.ts'
import { type ServeOptions, serve } from './served-peer.ts'

async function openPeer(options: Partial<ServeOptions> = {}) {
  const home = options.home ?? makeTempFolder()
  const port = await findFreePort('127.0.0.1')
  const peer = serve({
    home,
    args: ['--engine', 'scripted:loadMs=0', '--json'],
    env: { MLX_MESH_PORT: String(port), MLX_MESH_DISCOVERY_ENABLED: 'false' },
    ...options,
  })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const ask = async (method: string, path: string, body?: unknown, headers = {}, at = url) => {
    const more = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(at + path, { method, headers, ...more })
    return { status: response.status, json: await response.json() }
  }
  const settings = async (at?: string): Promise<SettingsAnswer> =>
    settingsAnswer.parse((await ask('GET', '/api/settings', undefined, {}, at)).json)
  const change = (changes: unknown, headers = {}) => ask('PATCH', '/api/settings', { changes }, headers)
  const refused = async (changes: unknown) => {
    const { status, json } = await change(changes)
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: { code: 'invalid_settings' } })
    return settingsRefusal.parse(json).problems
  }
  /** Resolves with the address of the peer that has started anew. */
  const restart = async () => {
    const before = peer.output().length
    expect(await ask('POST', '/api/restart')).toEqual({ status: 202, json: { status: 'restarting' } })
    await expect.poll(() => peer.output().slice(before), { timeout: 20_000 }).toMatch(/"event":"started"/)
    return /"url":"([^"]+)"/.exec(peer.output().slice(before))?.[1] ?? ''
  }
  return { home, port, peer, url, ask, settings, change, refused, restart }
}

/** As files name a variable of the environment. */
const asVariable = (name: string) => `\${${name}}`
const of = (answer: SettingsAnswer, key: string) => answer.settings.find(each => each.key === key)

describe('settings', () => {
  test('say what each key means, how it is edited, and where its value came from', async () => {
    const { port, settings } = await openPeer()
    const answer = await settings()
    for (const { key, meaning } of answer.settings) expect(meaning, key).toMatch(/^[A-Z].*\.$/)
    expect(of(answer, 'controller.port')).toMatchObject({
      value: port,
      defaultValue: 8080,
      source: 'environment',
      sourceText: 'environment MLX_MESH_PORT',
      control: { kind: 'number', min: 0, max: 65_535, whole: true },
      readOnlyReason: null,
    })
    expect(of(answer, 'sharing.enabled')?.control).toEqual({ kind: 'switch' })
    expect(of(answer, 'models.memory_budget_gb')?.control).toMatchObject({ kind: 'number', whole: false })
    expect(of(answer, 'sharing.on_battery')?.control).toEqual({ kind: 'choice', options: ['pause', 'share'] })
    expect(of(answer, 'models.tier_preferences.<3B.preferred_chips')?.control).toEqual({ kind: 'list' })
    expect(answer).toMatchObject({ pending: [], warnings: [] })
  })

  test('are saved above the environment, wait for a restart, and can be taken back', async () => {
    const { home, settings, change } = await openPeer({
      env: { MLX_MESH_PORT: '0', MLX_MESH_MODELS_MAX_LOADED: '4', MLX_MESH_DISCOVERY_ENABLED: 'false' },
    })
    const { status, json } = await change({ 'models.max_loaded': 5, 'dashboard.refresh_interval_ms': 700 })
    expect(status).toBe(200)
    const saved = settingsAnswer.parse(json)
    expect(saved.pending).toEqual(
      expect.arrayContaining(['models.max_loaded', 'dashboard.refresh_interval_ms']),
    )
    expect(of(saved, 'models.max_loaded')).toMatchObject({
      value: 5,
      source: 'settings',
      readOnlyReason: null,
    })
    expect(JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8'))).toEqual({
      cluster: { models: { max_loaded: 5 }, dashboard: { refresh_interval_ms: 700 } },
    })
    await change({ 'models.max_loaded': null })
    expect(of(await settings(), 'models.max_loaded')).toMatchObject({ value: 4, source: 'environment' })
    expect((await settings()).pending).toEqual(['dashboard.refresh_interval_ms'])
  })

  test('what is wrong is said for each key, and nothing is saved', async () => {
    const { home, refused } = await openPeer()
    const problems = await refused({
      'models.max_loaded': 'many',
      'sharing.thermal': 'hot',
      'sharing.enabled': false,
    })
    expect(problems).toEqual([
      { key: 'models.max_loaded', message: expect.stringContaining('expected a whole number from 1') },
      { key: 'sharing.thermal', message: expect.stringContaining('expected one of serious') },
    ])
    expect(await refused({ 'models.max_loadde': 3 })).toMatchObject([
      { key: 'models.max_loadde', message: expect.stringContaining('Did you mean "models.max_loaded"') },
    ])
    expect(await refused({ 'discovery.heartbeat_interval_ms': 4000 })).toMatchObject([
      { key: 'discovery.heartbeat_interval_ms', message: expect.stringContaining('count as lost') },
    ])
    expect(existsSync(join(home, 'settings.json'))).toBe(false)
  })

  test('open no door over HTTP: what could is changed in the file', async () => {
    const { settings, refused } = await openPeer()
    const answer = await settings()
    const keys = [
      'controller.bind_address',
      'controller.api.cors_origins',
      'controller.api.require_key',
      'controller.api.jwt.secret',
      'controller.tls.enabled',
      'nats.password',
      'nats.route_address',
      'discovery.require_authentication',
      'monitoring.logging.file',
      'monitoring.logging.prompts',
      'monitoring.tracing.enabled',
      'monitoring.tracing.endpoint',
    ]
    for (const key of keys) expect(of(answer, key)?.readOnlyReason, key).toContain('cluster.yaml only')
    expect(await refused(Object.fromEntries(keys.map(key => [key, 'anything'])))).toEqual(
      keys.map(key => ({ key, message: 'This is changed in cluster.yaml only, for safety.' })),
    )
  })

  test.skipIf(noSmallDisk)('say so when the disk is full, and stay as they were', async () => {
    const { home, settings, change, refused } = await openPeer({ home: makeSmallDisk() })
    await change({ 'models.max_loaded': 5 })
    const full = openSync(join(home, 'full'), 'w')
    expect(() => {
      for (;;) writeSync(full, Buffer.alloc(4096))
    }).toThrow('ENOSPC')
    closeSync(full)
    expect(await refused({ 'models.max_loaded': 6 })).toMatchObject([
      { key: '', message: expect.stringContaining('could not be written: ENOSPC') },
    ])
    expect(of(await settings(), 'models.max_loaded')?.value).toBe(5)
  })

  test('a flag has the last word', async () => {
    const { settings, refused } = await openPeer({ args: ['--port', '0', '--engine', 'scripted', '--json'] })
    expect(of(await settings(), 'controller.port')).toMatchObject({
      readOnlyReason: 'This was given as --port at the start, which has the last word.',
      source: 'flag',
    })
    expect(await refused({ 'controller.port': 9000 })).toMatchObject([
      { message: expect.stringContaining('--port') },
    ])
  })

  test('show neither secrets nor the environment', async () => {
    const home = makeTempFolder()
    const yaml = `cluster:\n  controller: { api: { allowed_hosts: ["${asVariable('NAME_OF_MAC')}"] } }\n`
    writeFileSync(join(home, 'cluster.yaml'), yaml)
    const env = { MLX_MESH_PORT: '0', NAME_OF_MAC: 'studio.local', TOKEN: 'swordfish' }
    const { settings, change } = await openPeer({ home, env })
    await change({ 'models.tier_preferences.<3B.preferred_chips': [asVariable('TOKEN')] })
    const answer = await settings()
    expect(of(answer, 'models.tier_preferences.<3B.preferred_chips')?.value).toEqual([asVariable('TOKEN')])
    expect(JSON.stringify(answer)).not.toContain('swordfish')
    expect(of(answer, 'controller.api.allowed_hosts')?.sourceText).toBe('cluster.yaml, line 2')
  })

  test('sharing obeys what is saved at once', async () => {
    const { ask, change } = await openPeer()
    const sharingOf = async () => {
      const [worker] = z.array(workerRecord).parse((await ask('GET', '/api/cluster/workers')).json)
      return worker?.sharing?.state
    }
    await expect.poll(sharingOf).toBe('on')
    expect((await change({ 'sharing.enabled': false })).json).toMatchObject({ pending: [] })
    await expect.poll(sharingOf, { timeout: 5000 }).toBe('paused')
    await change({ 'sharing.enabled': null })
    await expect.poll(sharingOf, { timeout: 5000 }).toBe('on')
  })

  test('no page of another site may change them, also where it may use the endpoint', async () => {
    const { ask, change } = await openPeer({
      env: {
        MLX_MESH_PORT: '0',
        MLX_MESH_CONTROLLER_API_CORS_ENABLED: 'true',
        MLX_MESH_CONTROLLER_API_CORS_ORIGINS: 'https://app.example',
      },
    })
    const headers = { origin: 'https://app.example' }
    expect(await change({ 'models.max_loaded': 3 }, headers)).toMatchObject({ status: 403 })
    expect(await ask('POST', '/api/restart', {}, headers)).toMatchObject({ status: 403 })
    expect(await ask('GET', '/v1/models', undefined, headers)).toMatchObject({ status: 200 })
  })
})

describe('a restart', () => {
  test('brings what was saved into force, in the same process and at the same address', async () => {
    const { peer, url, settings, change, restart } = await openPeer({
      args: ['--port', '0', '--engine', 'scripted:loadMs=0', '--load', 'scripted', '--json'],
    })
    await change({ 'models.max_loaded': 7 })
    expect(await restart()).toBe(url)
    expect((await settings()).pending).toEqual([])
    expect(of(await settings(), 'models.max_loaded')?.value).toBe(7)
    await expect.poll(() => peer.output().match(/"ready"/g)?.length).toBe(2)
    peer.child.kill('SIGTERM')
    expect(await peer.ended).toEqual({ code: 0, signal: null })
  })

  test('waits for the answers in hand, and lets nobody else take its place meanwhile', async () => {
    const args = ['--engine', 'scripted:tokensPerSecond=10,answerTokens=64,loadMs=0', '--json']
    const { home, peer, url, restart } = await openPeer({ args })
    const body = { model: 'scripted', stream: true, messages: [{ role: 'user', content: 'Hi' }] }
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
    const answer = response.text()
    const restarted = restart()
    await expect.poll(() => peer.output()).toContain('restarting')
    const second = serve({ home })
    expect(await second.ended).toMatchObject({ code: 1 })
    expect(second.notes()).toContain('a peer already runs with this data folder')
    expect(await answer).toContain('data: [DONE]')
    await restarted
  })

  test('moves to another port, and back to what worked where that one is taken', async () => {
    const other = createServer()
    onTestFinished(() => void other.close())
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
    const { home, url, settings, change, restart } = await openPeer()
    await change({ 'controller.port': taken })
    expect(await restart()).toBe(url)
    const answer = await settings()
    expect(answer.warnings).toEqual([expect.stringContaining(`port ${taken} is in use`)])
    expect(answer.pending).toEqual(['controller.port'])
    await expect
      .poll(() => readFileSync(join(home, 'logs', 'mlx-mesh.log'), 'utf8'))
      .toContain('could not start with the new settings')

    const free = await findFreePort('127.0.0.1')
    await change({ 'controller.port': free })
    const moved = await restart()
    expect(moved).toBe(`http://127.0.0.1:${free}`)
    expect(await settings(moved)).toMatchObject({ pending: [], warnings: [] })
  })

  test('leaves a Mac in its mesh', async () => {
    const { ask, restart } = await openPeer({
      env: {
        MLX_MESH_PORT: '0',
        MLX_MESH_DISCOVERY_ENABLED: 'false',
        MLX_MESH_NATS_ROUTE_ADDRESS: '127.0.0.1',
        MLX_MESH_NATS_ROUTE_PORT: String(await findFreePort('127.0.0.1')),
      },
    })
    await ask('POST', '/api/mesh/invite', {})
    const { mesh } = meshAnswer.parse((await ask('GET', '/api/mesh')).json)
    expect(mesh).not.toBe(null)
    await restart()
    expect((await ask('GET', '/api/mesh')).json).toMatchObject({
      mesh,
      members: [{ self: true, online: true }],
    })
  })

  test('is refused while the file cannot be used, and the peer goes on', async () => {
    const { home, ask, settings } = await openPeer()
    writeFileSync(join(home, 'cluster.yaml'), 'cluster:\n  mode: duel\n')
    const { status, json } = await ask('POST', '/api/restart')
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: { message: expect.stringContaining('mode: expected one of') } })
    expect((await settings()).warnings).toEqual([expect.stringContaining('mode: expected one of')])
  })
})
