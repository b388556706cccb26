import { fileURLToPath } from 'node:url'
import bonjourService from 'bonjour-service'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Announcement } from '../../main/fabric/advert.ts'
import { type Nearby, type NearbyOptions, type NearbyPeer, openNearby } from '../../main/fabric/nearby.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { machinesMissing } from '../machines/ip.ts'
import type { Machine } from '../machines/machine.ts'
import { createNetwork } from '../machines/network.ts'
import { onMachines } from '../machines/test-mesh.ts'
import { ManualClock } from '../support/manual-clock.ts'

const loopback = [{ address: '127.0.0.1', netmask: '255.0.0.0' }]

interface Saying {
  says: Announcement | null
}

function stand(workerId: string, more: Partial<NearbyOptions> = {}): Nearby & Saying {
  const mac: Saying = {
    says: {
      workerId,
      epoch: 1_700_000_000_000,
      name: `Mac of ${workerId}`,
      mesh: { meshId: 'public-id', name: 'Home' },
      routePort: 6222,
      version: '0.1.0',
      pairing: null,
    },
  }
  const nearby = openNearby({
    clock: realClock,
    log: silentLog,
    workerId,
    announce: () => mac.says,
    interfaces: () => loopback,
    ...more,
  })
  onTestFinished(() => nearby.close())
  return Object.assign(mac, nearby)
}

/** Other tests, and other programs, may speak on this machine, too. */
function seenBy(mac: Nearby, workerId: string): NearbyPeer | undefined {
  return mac.peers().find(peer => peer.workerId === workerId)
}

const within = (timeout: number) => ({ timeout, interval: 20 })

describe('two Macs on one network', () => {
  test('see each other within five seconds, whoever came first', async () => {
    const a = stand('neara00000')
    const b = stand('nearb00000')
    await vi.waitFor(() => {
      expect(seenBy(a, 'nearb00000')).toMatchObject({
        address: '127.0.0.1',
        routePort: 6222,
        meshName: 'Home',
      })
      expect(seenBy(b, 'neara00000')).toMatchObject({ name: 'Mac of neara00000', meshId: 'public-id' })
    }, within(5000))
    expect(seenBy(a, 'neara00000')).toBeUndefined()
    expect(a.problem()).toBeNull()
  })

  test('an invitation shows up with its port, and goes again', async () => {
    const a = stand('neara00001')
    const b = stand('nearb00001')
    await vi.waitFor(() => expect(seenBy(b, 'neara00001')?.pairing).toBeNull(), within(5000))
    let changes = 0
    b.onChange(() => changes++)
    const plain = a.says
    a.says = plain && { ...plain, pairing: { port: 4321, invitationId: 'abc' } }
    a.refresh()
    await vi.waitFor(
      () => expect(seenBy(b, 'neara00001')?.pairing).toEqual({ port: 4321, invitationId: 'abc' }),
      within(5000),
    )
    a.says = plain
    a.refresh()
    await vi.waitFor(() => expect(seenBy(b, 'neara00001')?.pairing).toBeNull(), within(5000))
    expect(changes).toBe(2)
    const askedMs = Date.now()
    b.refresh()
    await vi.waitFor(
      () => expect(seenBy(b, 'neara00001')?.lastSeenMs).toBeGreaterThanOrEqual(askedMs),
      within(5000),
    )
    expect(seenBy(b, 'neara00001')?.pairing).toBeNull()
  })

  test('one that says goodbye leaves the list', async () => {
    const a = stand('neara00002')
    const b = stand('nearb00002')
    await vi.waitFor(() => expect(seenBy(b, 'neara00002')).toBeDefined(), within(5000))
    await a.close()
    await vi.waitFor(() => expect(seenBy(b, 'neara00002')).toBeUndefined(), within(5000))
  })

  test('one that has nothing to say of itself is not seen, and sees others', async () => {
    const a = stand('neara00003', { announce: () => null })
    const b = stand('nearb00003')
    await vi.waitFor(() => expect(seenBy(a, 'nearb00003')).toBeDefined(), within(5000))
    expect(seenBy(b, 'neara00003')).toBeUndefined()
  })
})

describe('strangers on the network', () => {
  test('whoever says nonsense is not listed, and harms nobody', async () => {
    const a = stand('neara00010')
    const forge = openForger()
    const txt = (...items: (string | Buffer)[]) => items.map(item => Buffer.from(item))
    forge({
      type: 'TXT',
      name: nameOf('x'),
      ttl: 120,
      data: txt('id=nonsense', '=', '', Buffer.alloc(255, 0xff)),
    })
    forge({ type: 'TXT', name: nameOf('y'), ttl: 120, data: [] })
    forge({ type: 'PTR', name: '_mlx-mesh._tcp.local', ttl: 0, data: 'nobody.local' })
    forge({ type: 'SRV', name: nameOf('z'), ttl: 120, data: { port: 1, target: 'x'.repeat(60) } })
    forge({ type: 'TXT', name: 'elsewhere._http._tcp.local', ttl: 120, data: asTxt(forged('forged0000')) })
    forge({ type: 'TXT', name: nameOf('last'), ttl: 120, data: asTxt(forged('forged0001')) })
    await vi.waitFor(() => expect(seenBy(a, 'forged0001')).toBeDefined(), within(5000))
    expect(a.peers().filter(({ workerId }) => /nonsense|forged0000/.test(workerId))).toEqual([])
  })

  test('a thousand invented Macs do not fill the memory, nor push out a real one', async () => {
    const a = stand('neara00011')
    stand('nearb00011')
    await vi.waitFor(() => expect(seenBy(a, 'nearb00011')).toBeDefined(), within(5000))
    const forge = openForger()
    for (let n = 0; n < 1000; n++) {
      const id = `flood${String(n).padStart(5, '0')}`
      forge({ type: 'TXT', name: nameOf(id), ttl: 120, data: asTxt(forged(id)) })
      if (n % 50 === 0) await new Promise(resolve => setTimeout(resolve, 5))
    }
    await vi.waitFor(() => expect(a.peers()).toHaveLength(200), within(5000))
    expect(seenBy(a, 'nearb00011')).toBeDefined()
  })

  test('a goodbye in the name of another Mac is void when that one speaks within a second', async () => {
    const clock = new ManualClock()
    const a = stand('neara00012', { clock })
    stand('nearb00012')
    await vi.waitFor(() => expect(seenBy(a, 'nearb00012')).toBeDefined(), within(5000))
    const forge = openForger()
    const instance = nameOf(`nearb00012-${(1_700_000_000_000).toString(36)}`)
    forge({ type: 'PTR', name: '_mlx-mesh._tcp.local', ttl: 0, data: instance })
    forge({ type: 'TXT', name: nameOf('after'), ttl: 120, data: asTxt(forged('forged0002')) })
    await vi.waitFor(() => expect(seenBy(a, 'forged0002')).toBeDefined(), within(5000))
    clock.advance(500)
    a.refresh()
    await vi.waitFor(() => expect(seenBy(a, 'nearb00012')?.lastSeenMs).toBe(clock.now()), within(5000))
    clock.advance(1000)
    expect(seenBy(a, 'nearb00012')).toBeDefined()
  })
})

describe('trouble', () => {
  test('without a network that is said, and nothing fails', () => {
    expect(stand('neara00004', { interfaces: () => [] }).problem()).toBe('This Mac is in no network.')
  })

  test('what cannot say who this Mac is does not pass for a fault of the network', () => {
    const announce = () => {
      throw new ReferenceError('not made yet')
    }
    expect(() => stand('neara00014', { announce })).toThrow('not made yet')
  })

  test('an address that is not ours is told in words', async () => {
    const a = stand('neara00005', { interfaces: () => [{ address: '192.0.2.7', netmask: '255.255.255.0' }] })
    await vi.waitFor(() => expect(a.problem()).toMatch(/192\.0\.2\.7/), within(5000))
  })

  test('when the network comes, mDNS begins without being asked', async () => {
    const clock = new ManualClock()
    let networks: typeof loopback = []
    const a = stand('neara00006', { clock, interfaces: () => networks })
    const b = stand('nearb00006')
    networks = loopback
    clock.advance(2000)
    expect(a.problem()).toBeNull()
    await vi.waitFor(() => expect(seenBy(a, 'nearb00006')).toBeDefined(), within(5000))
    expect(b.problem()).toBeNull()
  })

  test('after a sleep everything begins anew', async () => {
    const clock = new ManualClock()
    const a = stand('neara00007', { clock })
    const b = stand('nearb00007', { clock: new ManualClock() })
    await vi.waitFor(() => expect(seenBy(a, 'nearb00007')).toBeDefined(), within(5000))
    for (const untilNextQuestionMs of [1000, 2000]) {
      clock.advance(untilNextQuestionMs)
      await vi.waitFor(() => expect(seenBy(a, 'nearb00007')?.lastSeenMs).toBe(clock.now()), within(5000))
    }
    clock.sleep(30_000)
    // It asks anew: b would repeat itself unasked three seconds after its start.
    await vi.waitFor(() => expect(seenBy(a, 'nearb00007')?.lastSeenMs).toBe(clock.now()), within(1500))
    await vi.waitFor(() => expect(seenBy(b, 'neara00007')).toBeDefined(), within(5000))
  })

  test('a Mac that was not heard of for long is forgotten', async () => {
    const clock = new ManualClock()
    let networks = loopback
    const a = stand('neara00008', { clock, interfaces: () => networks })
    stand('nearb00008')
    await vi.waitFor(() => expect(seenBy(a, 'nearb00008')).toBeDefined(), within(5000))
    networks = []
    clock.advance(2000)
    expect(a.problem()).toBe('This Mac is in no network.')
    for (let second = 0; second < 220; second += 2) clock.advance(2000)
    expect(a.peers()).toEqual([])
  })
})

test.skipIf(machinesMissing !== null)(
  `seen, renamed, moved to another address, gone (${onMachines})`,
  { timeout: 60_000 },
  async () => {
    const [first, second] = await makeMachines(2)
    if (!first || !second) throw new Error('no machines')
    const a = standOn(first, 'neara00009')
    const b = standOn(second, 'nearb00009')
    await vi.waitFor(
      () => expect(a.peers()).toMatchObject([{ workerId: 'nearb00009', address: second.address }]),
      within(10_000),
    )
    await vi.waitFor(
      () => expect(b.peers()).toMatchObject([{ workerId: 'neara00009', address: first.address }]),
      within(10_000),
    )
    b.rename()
    await vi.waitFor(() => expect(a.peers()).toMatchObject([{ name: 'Studio' }]), within(5000))
    await second.changeAddress()
    await vi.waitFor(
      () => expect(a.peers()).toMatchObject([{ name: 'Studio', address: second.address }]),
      within(8000),
    )
    b.end()
    await vi.waitFor(() => expect(a.peers()).toEqual([]), within(5000))
  },
)

test.skipIf(machinesMissing !== null)(
  `a program that keeps the port to itself is told in words (${onMachines})`,
  async () => {
    const [machine] = await makeMachines(1)
    if (!machine) throw new Error('no machine')
    const keeper = "require('dgram').createSocket('udp4').bind(5353, () => console.log('mine'))"
    const { stdout } = machine.run({ command: process.execPath, args: ['-e', keeper] })
    await new Promise(resolve => stdout.once('data', resolve))
    const mac = standOn(machine, 'neara00013')
    await vi.waitFor(() => {
      mac.rename()
      expect(mac.problem()).toContain('another program keeps port 5353 to itself')
    }, within(10_000))
  },
)

interface ForgedRecord {
  readonly type: string
  readonly name: string
  readonly ttl: number
  readonly data: unknown
}

/** Says on loopback whatever it is told. */
function openForger(): (record: ForgedRecord) => void {
  const options = {
    type: 'udp4',
    interface: '127.0.0.1',
    bind: '0.0.0.0',
  }
  const bonjour = new bonjourService.Bonjour(options)
  onTestFinished(() => bonjour.destroy())
  // biome-ignore lint/complexity/useLiteralKeys: the only way to the socket that TypeScript lets through
  return record => void bonjour['server'].mdns.respond([record])
}

const nameOf = (instance: string) => `${instance}._mlx-mesh._tcp.local`
const asTxt = (txt: Record<string, string>) =>
  Object.entries(txt).map(([key, value]) => Buffer.from(`${key}=${value}`))
const forged = (id: string) => ({
  id,
  epoch: '1',
  name: 'Forged',
  route: '1',
  addr: '127.0.0.1',
  version: '1',
})

async function makeMachines(count: number): Promise<Machine[]> {
  const network = await createNetwork()
  onTestFinished(() => network.close())
  const machines: Machine[] = []
  while (machines.length < count) machines.push(await network.addMachine())
  return machines
}

function standOn(machine: Machine, workerId: string) {
  const program = fileURLToPath(new URL('../fixtures/nearby.ts', import.meta.url))
  const child = machine.run({ command: process.execPath, args: [program, workerId] })
  let output = ''
  child.stdout.on('data', data => {
    output += data
  })
  const last = () => JSON.parse(output.trim().split('\n').at(-1) || '{"peers":[],"problem":null}')
  return {
    peers: (): unknown[] => last().peers,
    problem: (): string | null => last().problem,
    /** Before it has said something it would not survive a signal. */
    rename: () => output !== '' && child.signal('SIGUSR2'),
    end: () => child.signal('SIGTERM'),
  }
}
