// Dashboards that read everything and look at nothing: `node listener.ts URL COUNT`.
import { once } from 'node:events'
import { WebSocket } from 'ws'

const [url = '', count = '1'] = process.argv.slice(2)
const sockets = Array.from({ length: Number(count) }, () => new WebSocket(url))
await Promise.all(sockets.map(socket => once(socket, 'message')))
process.stdout.write('ready\n')
