import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { NatsAddress } from '../../main/fabric/nats-address.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import { type NatsServer, startNatsServer } from '../../main/fabric/nats-server.ts'
import { makeKey } from '../../main/membership/own-key.ts'
import { routeSettings } from '../../main/membership/route-settings.ts'
import { type Log, silentLog } from '../../main/telemetry/log.ts'
import { hasEnded, isAlive } from '../support/processes.ts'
import { natsServerBinary } from '../support/runtime.ts'
import { makeSmallDisk, noSmallDisk } from '../support/temp-folder.ts'
import { bytesOf, openInbox, reconnectionOf } from './inbox.ts'
import { type LogLine, recordLog } from './record-log.ts'

let runFolder: string

beforeEach(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'mlx mesh '))
})
afterEach(() => rm(runFolder, { recursive: true }))

describe('the embedded nats-server', () => {
  const { log, lines } = recordLog()
  let server: NatsServer

  beforeEach(async () => {
    lines.length = 0
    server = await startNatsServer({ binary: natsServerBinary, runFolder, log })
  })
  afterEach(() => server.stop())

  test('a killed server is back at the same address, and its clients reconnect', async () => {
    const bus = await openNatsBus({ server: server.address, log })
    const inbox = await openInbox(bus, 'news')
    const before = { ...server.address(), pid: server.pid() }
    process.kill(before.pid, 'SIGKILL')
    await reconnectionOf(bus)
    expect({ ...server.address(), pid: before.pid }).toEqual(before)
    expect(server.pid()).not.toBe(before.pid)
    bus.publish('news', bytesOf('back'))
    await inbox.until(1)
    expect(lines.filter(isDeath)).toMatchObject([{ fields: { reason: 'was killed by SIGKILL' } }])
    await bus.close()
  })

  test('a server that keeps dying is started again each time', async () => {
    for (let death = 0; death < 3; death++) {
      const pid = server.pid()
      process.kill(pid, 'SIGKILL')
      await replacementOf(server, pid)
    }
    const bus = await openNatsBus({ server: server.address, log: silentLog })
    await bus.flush(5_000)
    await bus.close()
  })

  test('a frozen server is noticed and replaced', async () => {
    const bus = await openNatsBus({ server: server.address, log: silentLog })
    const frozen = server.pid()
    process.kill(frozen, 'SIGSTOP')
    await reconnectionOf(bus)
    expect(server.pid()).not.toBe(frozen)
    expect(await hasEnded(frozen, 1_000)).toBe(true)
    expect(lines.filter(isDeath)).toMatchObject([{ fields: { reason: 'stopped answering' } }])
    await bus.close()
  }, 15_000)

  test('when another program takes the port of a dead server, the new one and its clients move', async () => {
    const bus = await openNatsBus({ server: server.address, log: silentLog })
    const before = server.address().port
    process.kill(server.pid(), 'SIGKILL')
    const thief = createServer(socket => socket.on('error', () => {}))
    await listenAsSoonAsFree(thief, before)
    await reconnectionOf(bus)
    expect(server.address().port).not.toBe(before)
    await bus.flush(5_000)
    await bus.close()
    thief.close()
  })

  test('a client without the password is refused', async () => {
    const { host, port } = server.address()
    const anonymous: NatsAddress = { host, port }
    const guesser: NatsAddress = { host, port, user: 'peer', password: 'guess' }
    for (const address of [anonymous, guesser]) {
      await expect(openNatsBus({ server: () => address, log: silentLog })).rejects.toMatchObject({
        code: 'NO_WORKER',
        message: expect.stringMatching(/cannot be reached: .*Authorization Violation/i),
      })
    }
  })

  test('the server cannot be reached from outside this machine', async () => {
    const { port } = server.address()
    expect(await canConnect('127.0.0.1', port)).toBe(true)
    for (const host of otherAddresses()) expect(await canConnect(host, port), host).toBe(false)
  })

  test('its configuration can be read by its owner only, and goes when the server stops', async () => {
    const file = join(runFolder, 'nats-server.conf')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toContain(server.address().password)
    await server.stop()
    expect(await readdir(runFolder)).toEqual([])
  })

  test('two servers of one machine have their own ports and passwords', async () => {
    const other = await startNatsServer({ binary: natsServerBinary, runFolder: join(runFolder, 'b'), log })
    expect(other.address().port).not.toBe(server.address().port)
    expect(other.address().password).not.toBe(server.address().password)
    await other.stop()
  })

  test('new routes, keys and authorities do not break the connections of its clients', async () => {
    await server.setRoutes(await settingsOf(0))
    const bus = await openNatsBus({ server: server.address, log })
    const inbox = await openInbox(bus, 'news')
    for (const port of [1, 2, 3]) {
      await server.setRoutes({ ...(await settingsOf(0)), routes: [{ host: '127.0.0.1', port }] })
    }
    bus.publish('news', bytesOf('still here'))
    await inbox.until(1)
    expect(lines.filter(({ message }) => message.includes('broke'))).toEqual([])
    await bus.close()
  })

  test('it takes routes only while it is told to, and keeps their port over its death', async () => {
    expect(server.routePort()).toBeNull()
    await server.setRoutes(await settingsOf(0))
    const port = server.routePort() ?? 0
    expect(await canConnect('127.0.0.1', port)).toBe(true)
    const pid = server.pid()
    process.kill(pid, 'SIGKILL')
    await replacementOf(server, pid)
    expect(server.routePort()).toBe(port)
    await server.setRoutes(null)
    expect(server.routePort()).toBeNull()
    expect(await canConnect('127.0.0.1', port)).toBe(false)
    expect(await readdir(runFolder)).toEqual(['nats-server.conf'])
  })

  test('where the port for routes is taken it uses another one, and says so', async () => {
    const thief = createServer().listen(0, '127.0.0.1')
    await once(thief, 'listening')
    const address = thief.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    await server.setRoutes(await settingsOf(taken))
    expect(server.routePort()).not.toBe(taken)
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ wanted: taken }) }),
    )
    thief.close()
  })

  test('a stopped server stays stopped', async () => {
    const pid = server.pid()
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(await canConnect('127.0.0.1', server.address().port)).toBe(false)
    expect(server.pid()).toBe(pid)
    expect(lines.filter(isDeath)).toEqual([])
  })
})

test('a server that is stopped just before it is started again stays stopped', async () => {
  let stopped: Promise<void> | undefined
  const stopAtDeath: Log = {
    ...silentLog,
    warn: () => {
      stopped = server.stop()
    },
  }
  const server = await startNatsServer({ binary: natsServerBinary, runFolder, log: stopAtDeath })
  const pid = server.pid()
  process.kill(pid, 'SIGKILL')
  while (!stopped) await nextTurn()
  await stopped
  expect(server.pid()).toBe(pid)
  expect(await canConnect('127.0.0.1', server.address().port)).toBe(false)
})

test.skipIf(noSmallDisk)(
  `a killed server is back although its disk is full${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
  async () => {
    const disk = makeSmallDisk()
    const server = await startNatsServer({
      binary: natsServerBinary,
      runFolder: join(disk, 'run'),
      log: silentLog,
    })
    onTestFinished(() => server.stop())
    const bus = await openNatsBus({ server: server.address, log: silentLog })
    onTestFinished(() => bus.close())
    expect(() => writeFileSync(join(disk, 'hog'), Buffer.alloc(2 * 2 ** 20))).toThrow(/ENOSPC/)
    process.kill(server.pid(), 'SIGKILL')
    await reconnectionOf(bus)
    await bus.flush(5_000)
  },
)

test.skipIf(noSmallDisk)(
  'a server whose new settings find no room is tried again, ever less often, and has them once there is room',
  async () => {
    const disk = makeSmallDisk()
    const { log, lines } = recordLog()
    const server = await startNatsServer({ binary: natsServerBinary, runFolder: join(disk, 'run'), log })
    onTestFinished(() => server.stop())
    expect(() => writeFileSync(join(disk, 'hog'), Buffer.alloc(2 * 2 ** 20))).toThrow(/ENOSPC/)
    const joined = server.setRoutes(await settingsOf(0))
    const failures = () => lines.filter(({ message }) => message === 'nats-server did not start').length
    while (failures() < 4) await nextTurn()
    const waits = lines.flatMap(({ fields }) => fields?.['retryInMs'] ?? [])
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800])
    rmSync(join(disk, 'hog'))
    await joined
    expect(server.routePort()).not.toBeNull()
  },
)

test('a missing program is an error that names it', async () => {
  const binary = join(runFolder, 'no such nats-server')
  await expect(startNatsServer({ binary, runFolder, log: silentLog })).rejects.toThrow(
    `nats-server (${binary}) could not be started: ${binary} was not found`,
  )
})

test('nothing is left behind when the core that owns the server is killed', async () => {
  const core = spawn(
    process.execPath,
    [fileURLToPath(new URL('fixtures/core.ts', import.meta.url)), runFolder],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const [said] = await once(core.stdout, 'data')
  const { pid } = JSON.parse(String(said))
  expect(isAlive(pid)).toBe(true)
  core.kill('SIGKILL')
  expect(await hasEnded(pid, 5_000)).toBe(true)
})

const listener = { workerId: 'mac', clusterName: 'test', host: '127.0.0.1' }
const secret = randomBytes(32).toString('base64url')
const mesh = {
  meshId: 'm',
  meshName: 'm',
  key: makeKey(),
  roster: { secret: { value: secret, removals: 0 }, entries: [] },
  previous: [],
  routes: [],
}

function settingsOf(port: number) {
  return routeSettings(mesh, { ...listener, port }, [])
}

function isDeath(line: LogLine): boolean {
  return line.message === 'nats-server is gone, starting it again'
}

async function replacementOf(server: NatsServer, pid: number): Promise<void> {
  while (server.pid() === pid) await nextTurn()
  while (!(await canConnect('127.0.0.1', server.address().port))) await nextTurn()
}

async function listenAsSoonAsFree(thief: ReturnType<typeof createServer>, port: number): Promise<void> {
  for (;;) {
    thief.listen(port, '127.0.0.1')
    const taken = await Promise.race([
      once(thief, 'listening').then(() => true),
      once(thief, 'error').then(() => false),
    ]).catch(() => false)
    if (taken) return
  }
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 1_000 })
    const finish = (connected: boolean) => {
      socket.destroy()
      resolve(connected)
    }
    socket.once('connect', () => finish(true))
    socket.once('error', () => finish(false))
    socket.once('timeout', () => finish(false))
  })
}

/** Addresses of this machine at which a server bound to all of them would answer. */
function otherAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const others = all
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
  return process.platform === 'linux' ? [...others, '127.0.0.2'] : others
}
