// The least that a proxy on node:http can be: passes requests on over kept connections, and answers as they come.
// `node node-proxy.ts UPSTREAM_PORT`; prints its port.
import { Agent, createServer, request as sendRequest } from 'node:http'

const upstreamPort = Number(process.argv[2])
const agent = new Agent({ keepAlive: true })

const server = createServer({ noDelay: true }, (request, response) => {
  const { method, url, headers } = request
  const passed = sendRequest(
    { host: '127.0.0.1', port: upstreamPort, agent, method, path: url, headers },
    answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    },
  )
  passed.on('error', () => response.destroy())
  response.on('close', () => {
    if (!response.writableFinished) passed.destroy()
  })
  request.pipe(passed)
})

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`port ${address.port}\n`)
})
