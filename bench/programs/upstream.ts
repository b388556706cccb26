// What stands behind every proxy of the benchmark: a bare node:http server that answers as the mesh does. Prints
// its port: `node upstream.ts [ADDRESS]`.
import { createServer } from 'node:http'
import { answerCompletion } from './scripted-completion.ts'

const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, answerCompletion)

server.listen(0, process.argv[2] ?? '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`port ${address.port}\n`)
})
