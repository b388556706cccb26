// The machines themselves, with plain programs on them: what the tests of the mesh may rely on.
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Child } from '../../main/process/child.ts'
import { machinesMissing } from '../machines/ip.ts'
import type { Machine } from '../machines/machine.ts'
import { createNetwork, type Network } from '../machines/network.ts'
import { startPeerOn } from '../machines/peer.ts'
import { loopback, type Place } from '../machines/place.ts'
import { isAlive } from '../support/processes.ts'

const title = `several machines${machinesMissing === null ? '' : ` (${machinesMissing})`}`

/** Says its address, and answers each line with the same line. */
const echoServer = `
require('node:net').createServer(s => s.pipe(s)).listen(4000, '0.0.0.0', () => console.log('listening'))`

/** Sends a numbered line each 50 ms to HOST and says what comes back. */
const echoClient = `
const s = require('node:net').connect(4000, process.argv[1])
let n = 0
setInterval(() => s.write(n++ + '\\n'), 50)
s.on('data', d => process.stdout.write(d))
s.on('error', e => console.log('error ' + e.code))
s.on('close', () => process.exit())`

describe.skipIf(machinesMissing !== null)(title, () => {
  let network: Network
  let machines: [Machine, Machine, Machine]

  beforeAll(async () => {
    network = await createNetwork()
    machines = [await network.addMachine(), await network.addMachine(), await network.addMachine()]
  })

  afterAll(() => network?.close())

  test('reach each other by address, under names of their own', async () => {
    const [one, two] = machines
    await serveEcho(two)
    const conversation = talk(one, two)
    await expect.poll(() => conversation.lines.length).toBeGreaterThan(2)
    expect(await firstLine(one, 'console.log(require("node:os").hostname())')).toBe('mac-1')
  })

  test('hear each other by multicast', async () => {
    const [one, two] = machines
    const heard = firstLine(
      two,
      `const s = require('node:dgram').createSocket({ type: 'udp4', reuseAddr: true })
       s.on('message', (m, from) => { console.log(m + ' from ' + from.address); process.exit() })
       s.bind(5353, () => s.addMembership('224.0.0.251'))`,
    )
    one.run({
      command: process.execPath,
      args: [
        '-e',
        `const s = require('node:dgram').createSocket('udp4')
         setInterval(() => s.send('hello', 5353, '224.0.0.251'), 50)`,
      ],
    })
    expect(await heard).toBe(`hello from ${one.address}`)
  })

  test('lose each other without a word when a cable is pulled, and go on when it is back', async () => {
    const [one, two] = machines
    const conversation = talk(one, two)
    await expect.poll(() => conversation.lines.length).toBeGreaterThan(2)
    await two.unplug()
    onTestFinished(() => two.plug())
    await silence(conversation.lines)
    await two.plug()
    await expect.poll(() => conversation.lines.length, { timeout: 10_000 }).toBeGreaterThan(10)
    expect(conversation.lines.join(' ')).not.toContain('error')
  })

  test('are two networks while it is split, and one again when it heals', async () => {
    const [one, two, three] = machines
    await serveEcho(three)
    const [across, along] = [talk(one, two), talk(one, three)]
    await expect.poll(() => Math.min(across.lines.length, along.lines.length)).toBeGreaterThan(2)
    await network.split([two])
    onTestFinished(() => network.heal())
    await silence(across.lines)
    const soFar = along.lines.length
    await expect.poll(() => along.lines.length).toBeGreaterThan(soFar + 2)
    await network.heal()
    await expect.poll(() => across.lines.length, { timeout: 10_000 }).toBeGreaterThan(10)
  })

  test('stand still as a whole, and wake up', async () => {
    const [one, two] = machines
    const conversation = talk(one, two)
    await expect.poll(() => conversation.lines.length).toBeGreaterThan(2)
    await two.freeze()
    onTestFinished(() => two.thaw())
    await silence(conversation.lines)
    await two.thaw()
    await expect.poll(() => conversation.lines.length).toBeGreaterThan(10)
  })

  test('can move to another address', async () => {
    const [one, two] = machines
    const before = two.address
    await two.changeAddress()
    expect(two.address).not.toBe(before)
    const conversation = talk(one, two)
    await expect.poll(() => conversation.lines.length).toBeGreaterThan(2)
  })

  test('serve what runs on them to this process', async () => {
    const [one] = machines
    const program = `require('node:http').createServer((q, r) => r.end('served to ' + q.headers.host)).listen(8080, '127.0.0.1', () => console.log('listening'))`
    await firstLine(one, program)
    const url = await one.urlOf(8080)
    expect(await (await fetch(url)).text()).toBe(`served to ${new URL(url).host}`)
    await expect(fetch(await one.urlOf(8081))).rejects.toThrow()
  })

  test('leave nothing behind', async () => {
    const other = await createNetwork()
    const machine = await other.addMachine()
    // It ignores what can be ignored, and its owner's end.
    const program = `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1e6)`
    const pid = Number(await firstLine(machine, program))
    expect(machine.processes()).toContain(pid)
    await other.close()
    expect(isAlive(pid)).toBe(false)
    expect(machine.processes()).toEqual([])
  })

  test('leave nothing behind when their owner is killed', async () => {
    const owner = loopback.run({
      command: process.execPath,
      args: [join(import.meta.dirname, '..', 'fixtures', 'network-owner.ts')],
    })
    const pids = z.array(z.number()).parse(JSON.parse(await lineOf(owner)))
    owner.signal('SIGKILL')
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])
  })

  test('run peers that are used from here', () => serves(machines[0]))

  test('run a peer that starts at once where no name server answers', async () => {
    const peer = await startPeerOn({ place: machines[0], args: ['--engine', 'scripted'] })
    onTestFinished(() => peer.close())
    expect(peer.startedAtMs - peer.begunAtMs).toBeLessThan(4000)
  })

  async function serveEcho(machine: Machine): Promise<void> {
    expect(await firstLine(machine, echoServer)).toBe('listening')
  }

  function talk(from: Machine, to: Machine): { readonly lines: string[] } {
    const program = from.run({ command: process.execPath, args: ['-e', echoClient, to.address] })
    const lines: string[] = []
    createInterface(program.stdout).on('line', line => lines.push(line))
    onTestFinished(async () => void (await program.stop(0)))
    return { lines }
  }
})

test('peers of one machine are used in the same way', () => serves(loopback))

async function serves(place: Place): Promise<void> {
  const peer = await startPeerOn({ place, args: ['--engine', 'scripted', '--load', 'scripted'] })
  onTestFinished(() => peer.close())
  expect(await (await fetch(`${peer.url}/health`)).json()).toMatchObject({ status: 'healthy' })
  expect(await peer.command('status')).toContain('online')
  expect(peer.children('nats-server -c')).toHaveLength(1)
  await peer.kill()
  const again = await peer.startAgain()
  onTestFinished(() => again.close())
  expect((await fetch(`${again.url}/health`)).status).toBe(200)
}

/** What is under way may still arrive. */
async function silence(lines: readonly string[]): Promise<void> {
  await delay(150)
  const before = lines.length
  await delay(400)
  expect(lines.length).toBe(before)
}

/** Of a program that goes on until the test has ended. */
function firstLine(machine: Machine, program: string): Promise<string> {
  return lineOf(machine.run({ command: process.execPath, args: ['-e', program] }))
}

function lineOf(child: Child): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.exited.then(({ reason }) => reject(new Error(`the program ${reason}`)))
  })
}
