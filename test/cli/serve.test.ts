import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readRunFile } from '../../main/client/run-file.ts'
import { loadConfig } from '../../main/config/load-config.ts'
import { askRaw, statusOf } from '../gateway/support/raw-http.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { runCommand } from './fake-terminal.ts'
import { serve } from './served-peer.ts'

const run = promisify(execFile)
const nodeFetch = 'fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1))'

describe('serve', () => {
  test('prints an address and a line that works when pasted, and stops in order at SIGTERM', async () => {
    const home = makeTempFolder()
    const peer = serve({ home, args: ['--port', '0', '--engine', 'scripted', '--load', 'scripted'] })
    const [, command = ''] = await peer.says(/^ {2}(curl -N .*)$/m)
    await peer.says(/^scripted is ready \(\d+\.\d s\)\.$/m)
    const { stdout } = await run('sh', ['-c', command])
    expect(stdout).toMatch(/^data: \{/)
    expect(stdout).toContain('data: [DONE]')

    const [, dashboard = ''] = await peer.says(/^ {2}Dashboard {2}(http.*)$/m)
    await run(process.execPath, ['-e', nodeFetch, dashboard])

    expect(readRunFile(home)).toMatchObject({ pid: peer.child.pid, url: dashboard.replace(/\/$/, '') })
    peer.child.kill('SIGTERM')
    expect(await peer.ended).toEqual({ code: 0, signal: null })
    expect(readRunFile(home)).toBe(null)
  })

  test('tells programs one event a line', async () => {
    const args = ['--port', '0', '--engine', 'scripted', '--load', 'scripted', '--load', 'nothing', '--json']
    const peer = serve({ home: makeTempFolder(), args })
    await peer.says(/load_failed/)
    peer.child.kill('SIGINT')
    await peer.ended
    const events = peer
      .output()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual([
      'started',
      'loading',
      'ready',
      'loading',
      'load_failed',
      'stopping',
    ])
    expect(events[0]).toMatchObject({ pid: peer.child.pid, endpoint: `${events[0].url}/v1` })
  })

  test('is used by the other commands of the same data folder', async () => {
    const home = makeTempFolder()
    const peer = serve({ home })
    await peer.says(/is running/)
    const loaded = await runCommand(['load', 'scripted'], { home })
    expect(loaded).toMatchObject({ code: 0, output: expect.stringContaining('scripted is ready') })
    const chat = await runCommand(['chat', '--json'], { home, piped: 'Hello' })
    expect(JSON.parse(chat.output)).toMatchObject({ modelId: 'scripted', usage: { completion_tokens: 64 } })
    const status = await runCommand(['status', '--json'], { home })
    expect(JSON.parse(status.output)).toMatchObject({ requests: { total: 1, successRate: 1 } })
    const models = await runCommand(['models', '--json'], { home })
    expect(JSON.parse(models.output)).toMatchObject([{ modelId: 'scripted', state: 'ready' }])
    expect(await runCommand(['unload', 'scripted'], { home })).toMatchObject({ code: 0 })
  })

  test('pauses for the others and not for its own apps, also after a restart', async () => {
    const home = makeTempFolder()
    const first = serve({ home })
    await first.says(/is running/)
    const sentence = 'This Mac is paused for 1 h 0 min: its owner asked for it.\n'
    expect(await runCommand(['pause', '60'], { home })).toMatchObject({ code: 0, output: sentence })
    expect((await runCommand(['chat', '--json'], { home, piped: 'Hello' })).code).toBe(0)
    first.child.kill('SIGTERM')
    expect(await first.ended).toMatchObject({ code: 0 })

    const second = serve({ home })
    await second.says(/is running/)
    const status = JSON.parse((await runCommand(['status', '--json'], { home })).output)
    expect(status.workerRecords).toMatchObject([{ sharing: { state: 'paused' } }])
    expect((await runCommand(['chat', '--json'], { home, piped: 'Hello' })).code).toBe(0)
    expect((await runCommand(['share', 'on'], { home })).output).toBe('This Mac is sharing.\n')
  })

  test('says that it leaves while the answers to its own apps still run', async () => {
    const home = makeTempFolder()
    const args = ['--port', '0', '--engine', 'scripted:tokensPerSecond=25,answerTokens=64,loadMs=0']
    const peer = serve({ home, args })
    const [, url = ''] = await peer.says(/Dashboard {2}(http:\S+)/)
    const body = JSON.stringify({
      model: 'scripted',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    const response = await fetch(new URL('/v1/chat/completions', url), { method: 'POST', body })
    const left = () => readFileSync(join(home, 'logs', 'mlx-mesh.log'), 'utf8').includes('"state":"leaving"')
    const answer = response.text()
    const runsOn = await Promise.race([answer, waitUntilLeaving()])
    expect(runsOn).toBe('leaving')
    expect(await answer).toContain('data: [DONE]')
    expect(await peer.ended).toMatchObject({ code: 0 })

    async function waitUntilLeaving(): Promise<'leaving'> {
      peer.child.kill('SIGTERM')
      await expect.poll(left).toBe(true)
      return 'leaving'
    }
  })

  test('does what the file says of its door: names it answers to, figures', async () => {
    const home = makeTempFolder()
    const lines = [
      'cluster:',
      '  controller: { api: { allowed_hosts: [Studio.local] } }',
      '  monitoring: { metrics: { enabled: false } }',
    ]
    writeFileSync(join(home, 'cluster.yaml'), lines.join('\n'))
    const peer = serve({ home })
    const [, port = ''] = await peer.says(/Dashboard {2}http:\/\/127\.0\.0\.1:(\d+)/)
    const ask = (path: string, host = 'localhost') => askRaw(Number(port), 'GET', path, { host })
    expect(statusOf(await ask('/v1/models', 'studio.local:80'))).toBe(200)
    const foreign = await ask('/v1/models', 'other.local')
    expect(statusOf(foreign)).toBe(403)
    expect(foreign).toContain('controller.api.allowed_hosts')
    const figures = await ask('/metrics')
    expect(statusOf(figures)).toBe(404)
    expect(figures).toContain('monitoring.metrics.enabled')
  })

  test('goes on when the file cannot be written that other commands look for', async () => {
    const home = makeTempFolder()
    mkdirSync(join(home, 'run', 'peer.json', 'in the way'), { recursive: true })
    const peer = serve({ home })
    const [, url = ''] = await peer.says(/Dashboard {2}(http\S+)\/$/m)
    await peer.says(new RegExp(`other commands, which need --url ${url}`))
    expect((await fetch(`${url}/health`)).status).toBe(200)
    peer.child.kill('SIGTERM')
    expect(await peer.ended).toEqual({ code: 0, signal: null })
  })

  test('does not start twice with one data folder', async () => {
    const home = makeTempFolder()
    const first = serve({ home })
    await first.says(/is running/)
    const second = serve({ home })
    expect(await second.ended).toMatchObject({ code: 1 })
    expect(second.notes()).toContain(
      `a peer already runs with this data folder, at ${readRunFile(home)?.url}`,
    )
  })

  test('starts after a peer that was killed, whose file is still there', async () => {
    const home = makeTempFolder()
    const first = serve({ home })
    await first.says(/is running/)
    first.child.kill('SIGKILL')
    await first.ended
    const second = serve({ home })
    await second.says(/is running/)
    expect(readRunFile(home)?.pid).toBe(second.child.pid)
  })

  test('names who has the port', async () => {
    const other = createServer()
    onTestFinished(() => void other.close())
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const peer = serve({ home: makeTempFolder(), args: ['--port', port, '--engine', 'scripted'] })
    expect(await peer.ended).toMatchObject({ code: 1 })
    expect(peer.notes()).toContain(`port ${port} is in use`)
    expect(peer.notes()).toContain(`(process ${process.pid})`)
    expect(peer.notes()).toContain('--port')

    const inApp = serve({ home: makeTempFolder(), args: ['--port', port, '--engine', 'scripted', '--json'] })
    expect(await inApp.ended).toMatchObject({ code: 1 })
    expect(inApp.notes(), 'in the app there is no command line').not.toContain('--port')
    const [, line = ''] = /"(cluster: .*)" into the file cluster\.yaml/.exec(inApp.notes()) ?? []
    const home = makeTempFolder()
    writeFileSync(join(home, 'cluster.yaml'), line)
    expect(loadConfig({ env: { MLX_MESH_HOME: home } }).config.controller.port).toBe(Number(port) + 1)
  })

  test('starts nothing with a configuration that is wrong', async () => {
    const home = makeTempFolder()
    writeFileSync(join(home, 'cluster.yaml'), 'cluster:\n  mode: duel\n')
    const peer = serve({ home })
    expect(await peer.ended).toMatchObject({ code: 2 })
    expect(peer.notes()).toContain(`${home}/cluster.yaml:2: mode: expected one of`)
    expect(existsSync(join(home, 'identity.json'))).toBe(false)
  })

  test('stops in order when its parent is gone', async () => {
    const home = makeTempFolder()
    const peer = serve({ home, env: { MLX_MESH_PARENT: '1' }, ipc: true })
    await peer.says(/is running/)
    peer.child.disconnect()
    expect(await peer.ended).toEqual({ code: 0, signal: null })
    expect(readRunFile(home)).toBe(null)
  })

  test('does not wait for answers when Ctrl-C is pressed again', async () => {
    const home = makeTempFolder()
    const peer = serve({ home, args: ['--port', '0', '--engine', 'scripted:tokensPerSecond=1'] })
    const [, url = ''] = await peer.says(/Endpoint {3}(http:\S+)/)
    const body = { model: 'scripted', stream: true, messages: [{ role: 'user', content: 'Hi' }] }
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    await response.body?.getReader().read()
    peer.child.kill('SIGINT')
    await peer.says(/Stopping/)
    const impatience = setInterval(() => peer.child.kill('SIGINT'), 100)
    onTestFinished(() => clearInterval(impatience))
    expect(await peer.ended).toEqual({ code: 1, signal: null })
  })

  test('logs an error that nobody caught, stops its children and fails', async () => {
    const home = makeTempFolder()
    const bug = 'process.on("SIGUSR2", () => { throw new Error("a bug in a timer") })'
    const peer = serve({ home, nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(bug)}`] })
    await peer.says(/is running/)
    peer.child.kill('SIGUSR2')
    expect(await peer.ended).toEqual({ code: 1, signal: null })
    expect(readFileSync(join(home, 'logs', 'mlx-mesh.log'), 'utf8')).toContain('a bug in a timer')
    expect(peer.notes()).toContain('an error that nobody caught')
    expect(readRunFile(home)).toBe(null)
  })
})

describe('the doctor', () => {
  test('finds a running peer well, with an answer from end to end', async () => {
    const home = makeTempFolder()
    const peer = serve({ home })
    await peer.says(/is running/)
    const { output } = await runCommand(['doctor'], { home, env: { MLX_MESH_PORT: '0' } })
    expect(output).toMatch(/^ok {4}Data folder: /m)
    expect(output).toMatch(/^ok {4}Peer: healthy at http:/m)
    expect(output).toMatch(/^ok {4}An answer: scripted answered in \d/m)
  })

  test('says what is broken and how to mend it', async () => {
    const home = makeTempFolder()
    writeFileSync(join(home, 'file'), '')
    const broken = join(home, 'file', 'data')
    const { code, output } = await runCommand(['doctor', '--json'], { home: broken })
    expect(code).toBe(1)
    const { ok, findings } = JSON.parse(output)
    expect(ok).toBe(false)
    expect(findings).toContainEqual({
      check: 'Data folder',
      status: 'fail',
      message: expect.stringContaining('file'),
      mend: 'Make it writable, or set MLX_MESH_HOME to another folder.',
    })
  })
})
