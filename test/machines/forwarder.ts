// Runs inside a machine and passes connections on: `node forwarder.ts SOCKET`. Whoever connects to the socket (a file,
// which namespaces share) says the port on the machine's loopback in two bytes, and speaks with it from then on.
import { connect, createServer, type Socket } from 'node:net'

const [socketFile] = process.argv.slice(2)

createServer(socket => {
  socket.once('readable', () => {
    const head: Buffer | null = socket.read(2)
    if (!head) socket.destroy()
    else join(socket, connect({ host: '127.0.0.1', port: head.readUInt16BE(), noDelay: true }))
  })
  socket.on('error', () => socket.destroy())
}).listen(socketFile, () => process.stdout.write('ready\n'))

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.end())
  }
}
