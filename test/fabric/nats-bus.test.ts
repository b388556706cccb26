import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import { startNatsServer } from '../../main/fabric/nats-server.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { natsServerBinary } from '../support/runtime.ts'
import { bytesOf, reconnectionOf } from './inbox.ts'
import { recordLog } from './record-log.ts'

test('a bus says which server it cannot reach', async () => {
  const server = () => ({ host: '127.0.0.1', port: 1 })
  await expect(openNatsBus({ server, log: silentLog })).rejects.toMatchObject({
    code: 'NO_WORKER',
    message: 'nats-server at 127.0.0.1:1 cannot be reached: connection refused.',
  })
})

test("a stranger's refusals do not end a bus", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mlx mesh '))
  const start = (name: string) =>
    startNatsServer({ binary: natsServerBinary, runFolder: join(folder, name), log: silentLog })
  const ours = await start('ours')
  const strangers = await start('strangers')
  const { log, lines } = recordLog()
  let port = ours.address().port
  const bus = await openNatsBus({ server: () => ({ ...ours.address(), port }), log })

  port = strangers.address().port
  process.kill(ours.pid(), 'SIGKILL')
  const refusals = () => lines.filter(line => line.message === 'nats-server reported an error')
  while (refusals().length < 3) await nextTurn()
  expect(bus.connected).toBe(false)

  port = ours.address().port
  await reconnectionOf(bus)
  await bus.flush(5_000)
  await bus.close()
  await Promise.all([ours.stop(), strangers.stop()])
  await rm(folder, { recursive: true })
})

test('a server that stops answering is given up', async () => {
  const frozen = await startFrozenServer()
  const bus = await openNatsBus({ server: () => frozen.address, log: silentLog })
  expect(bus.connected).toBe(true)
  while (bus.connected) await nextTurn()
  await bus.close()
  frozen.stop()
})

test('all messages published in one stretch of code travel in one write', async () => {
  const frozen = await startFrozenServer()
  const bus = await openNatsBus({ server: () => frozen.address, log: silentLog })
  const chunksBefore = frozen.received.length
  for (let i = 0; i < 20; i++) bus.publish('news', bytesOf(`${i}`))
  while (!frozen.received.join('').includes('19')) await nextTurn()
  expect(frozen.received.slice(chunksBefore).filter(chunk => chunk.includes('PUB'))).toHaveLength(1)
  await bus.close()
  frozen.stop()
})

/** Says what a nats-server says until a client is connected, and nothing after that. */
async function startFrozenServer() {
  const received: string[] = []
  const sockets: Socket[] = []
  const server: Server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(
      'INFO {"server_id":"x","version":"2.15.1","proto":1,"headers":true,"max_payload":1048576}\r\n',
    )
    const answerOnce = (data: Buffer) => {
      if (!data.includes('PING\r\n')) return
      socket.off('data', answerOnce)
      socket.write('PONG\r\n')
    }
    socket.on('data', answerOnce)
    socket.on('data', (data: Buffer) => received.push(data.toString()))
  })
  const port = await findFreePort('127.0.0.1')
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    address: { host: '127.0.0.1', port },
    received,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
