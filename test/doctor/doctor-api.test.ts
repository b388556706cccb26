import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readRunFile } from '../../main/client/run-file.ts'
import { doctorChecks, doctorFinding } from '../../main/protocol/settings.ts'
import { runCommand } from '../cli/fake-terminal.ts'
import { serve } from '../cli/served-peer.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

async function openPeer(script = 'loadMs=0', home = makeTempFolder()) {
  const args = ['--port', '0', '--engine', `scripted:${script}`, '--json']
  const peer = serve({ home, args, env: { MLX_MESH_DISCOVERY_ENABLED: 'false' } })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const ask = (path: string, method = 'GET') => fetch(url + path, { method })
  const find = async (path: string, method?: string) =>
    doctorFinding.parse(await (await ask(`/api/doctor/${path}`, method)).json())
  return {
    home,
    url,
    ask,
    look: (check: string) => find(check),
    mend: (check: string) => find(`${check}/mend`, 'POST'),
    run: (...argv: string[]) => runCommand(argv, { home }),
  }
}

function makeOld(path: string): void {
  utimesSync(path, new Date(2026, 0, 1), new Date(2026, 0, 1))
}

describe('the doctor of a running Mac', () => {
  test('names its checks, and knows no others', async () => {
    const { ask } = await openPeer()
    const { checks } = doctorChecks.parse(await (await ask('/api/doctor')).json())
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(['node-js', 'sharing', 'an-answer']))
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
    expect((await ask('/api/doctor/nothing')).status).toBe(404)
    expect((await ask('/api/doctor/nothing/mend', 'POST')).status).toBe(404)
  })

  test('finds a Mac well', async () => {
    const { look } = await openPeer()
    for (const id of [
      'data-folder',
      'configuration',
      'port',
      'run-file',
      'peer',
      'sharing',
      'models',
      'leftovers',
      'versions',
      'clock',
      'an-answer',
    ]) {
      expect(await look(id), id).toMatchObject({ id, status: 'ok', mend: null })
    }
  })

  test('lets a paused Mac share again', async () => {
    const { look, mend, run } = await openPeer()
    await run('pause')
    await expect
      .poll(() => look('sharing'))
      .toMatchObject({ status: 'warn', message: 'paused: its owner asked for it', mend: 'Share again' })
    await mend('sharing')
    await expect.poll(() => look('sharing')).toMatchObject({ status: 'ok', mend: null })
  })

  test('loads a model again that has failed', async () => {
    const { look, mend, run } = await openPeer('loadMs=0,crashAfterTokens=3')
    await run('chat', '-m', 'scripted', 'Hello')
    await expect
      .poll(() => look('models'), { timeout: 20_000 })
      .toMatchObject({
        status: 'warn',
        message: expect.stringContaining('scripted failed'),
        mend: 'Load again',
      })
    await mend('models')
    await expect.poll(() => look('models')).toMatchObject({ status: 'ok', message: '1 here, 1 loaded' })
  }, 40_000)

  test('removes what was begun and never finished, and nothing that may be about to be', async () => {
    const { home, look, mend } = await openPeer()
    const partial = join(home, 'models', '.partial', 'org%2Fhalf')
    mkdirSync(partial, { recursive: true })
    const draft = join(home, 'settings.json.4711.tmp')
    writeFileSync(draft, '{')
    expect(await look('leftovers')).toMatchObject({ status: 'ok' })
    for (const path of [partial, draft]) makeOld(path)
    expect(await look('leftovers')).toMatchObject({
      status: 'warn',
      message: '2 unfinished files or folders',
    })
    expect(await mend('leftovers')).toMatchObject({ status: 'ok', mend: null })
    expect([existsSync(partial), existsSync(draft), existsSync(join(home, 'identity.json'))]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('removes a copy that was cut off', async () => {
    const home = makeTempFolder()
    const partial = join(home, 'models', '.partial', 'org%2Fhalf')
    mkdirSync(partial, { recursive: true })
    const files = [{ name: 'config.json', sizeBytes: 2 }]
    const offer = { modelId: 'org/half', fingerprint: 'f', sizeBytes: 100, contextTokens: 10, files }
    writeFileSync(join(partial, '.copied'), JSON.stringify(offer))
    const { look, mend } = await openPeer('loadMs=0', home)
    await expect
      .poll(() => look('leftovers'))
      .toMatchObject({
        status: 'warn',
        message: 'copies that were cut off: org/half (0 MB)',
        mend: 'Remove them',
      })
    expect(await mend('leftovers')).toMatchObject({ status: 'ok' })
    expect(existsSync(partial)).toBe(false)
  })

  test('lets commands find this Mac again', async () => {
    const { home, url, look, mend } = await openPeer()
    rmSync(join(home, 'run', 'peer.json'))
    expect(await look('run-file')).toMatchObject({ status: 'warn', mend: 'Write it again' })
    expect(await mend('run-file')).toMatchObject({ status: 'ok' })
    expect(readRunFile(home)?.url).toBe(url)
  })

  test('what cannot be mended from here stays as it is, with advice', async () => {
    const { home, look, mend } = await openPeer()
    writeFileSync(join(home, 'cluster.yaml'), 'cluster:\n  mode: duel\n')
    const broken = { status: 'fail', mend: null, advice: expect.stringContaining('Correct what is named') }
    expect(await look('configuration')).toMatchObject(broken)
    expect(await mend('configuration')).toMatchObject(broken)
  })

  test('looks once for all who ask at the same time', async () => {
    const { look, ask } = await openPeer('loadMs=0,tokensPerSecond=2')
    const findings = await Promise.all([look('an-answer'), look('an-answer'), look('an-answer')])
    expect(new Set(findings.map(({ message }) => message)).size).toBe(1)
    const requests = z.array(z.unknown()).parse(await (await ask('/api/dashboard/requests')).json())
    expect(requests).toHaveLength(1)
  })
})
