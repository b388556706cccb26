import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatTable } from '../../main/cli/format.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { runCommand } from './fake-terminal.ts'
import { serve } from './served-peer.ts'

const args = ['--engine', 'scripted:loadMs=0', '--json']

async function openPeer(env: Record<string, string> = {}) {
  const home = makeTempFolder()
  const port = await findFreePort('127.0.0.1')
  const unseen = { MLX_MESH_DISCOVERY_ENABLED: 'false', MLX_MESH_PORT: String(port) }
  const peer = serve({ home, args, env: { ...unseen, ...env } })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const run = (...argv: string[]) => runCommand(argv, { home })
  return { home, port, peer, url, run }
}

test('a key is made, listed with its use, and revoked while the peer runs', async () => {
  const { url, run } = await openPeer({ MLX_MESH_CONTROLLER_API_REQUIRE_KEY: 'true' })
  const { code, output, notes } = await run('keys', 'create', 'my', 'editor', '--expires', '30d')
  expect(code).toBe(0)
  expect(output).toMatch(/^mlxm_[\w-]{43}\n$/)
  expect(notes).toContain('It is not shown again')
  const key = output.trim()
  const ask = (headers: Record<string, string>) => fetch(`${url}/v1/models`, { headers })
  expect((await ask({})).status).toBe(401)
  expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200)
  const list = (await run('keys', 'list')).output
  expect(list).toMatch(new RegExp(`my editor +…${key.slice(-4)} +inference +all +\\S+ +\\S+ +1 +0`))
  // Another machine's command line has no token of ours, only what it is given.
  const asked = (apiKey: string) =>
    runCommand(['models', '--url', url], { home: makeTempFolder(), env: { MLX_MESH_API_KEY: apiKey } })
  expect((await asked('')).notes).toContain('You need an API key')
  const reader = (await run('keys', 'create', 'reader', '--scopes', 'read,inference')).output.trim()
  expect(await asked(reader)).toMatchObject({ code: 0 })
  expect(await run('keys', 'list', '--url', `${url}/`)).toMatchObject({ code: 0 })
  expect((await run('keys', 'revoke', 'my editor')).output).toBe(
    'The key "my editor" opens nothing any more.\n',
  )
  expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(401)
  expect((await run('audit')).output).toMatch(/this Mac +POST \/api\/keys +my editor +done/)
})

test.each([
  [['keys'], 'expected create, list or revoke'],
  [['keys', 'create'], 'expected the name of a key'],
  [['keys', 'create', 'x', '--expires', 'soon'], 'expected a time such as 12h, 30d or 1y'],
  [['keys', 'create', 'x', '--tokens-per-minute', '-1'], "'--tokens-per-minute"],
  [['audit', '--limit', 'all'], '--limit: expected a whole number'],
])('%j is a mistake of the user', async (argv, expected) => {
  const { code, notes } = await runCommand(argv, { home: makeTempFolder() })
  expect(notes).toContain(expected)
  expect(code).toBe(2)
})

const ownAddress = Object.values(networkInterfaces())
  .flatMap(addresses => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

test.skipIf(ownAddress === undefined).each(['0.0.0.0', ownAddress ?? ''])(
  'a peer at %s speaks TLS with other machines, and plain HTTP with its own programs at the same port',
  async address => {
    const { home, port, run, url } = await openPeer({ MLX_MESH_CONTROLLER_BIND_ADDRESS: address })
    expect(url).toBe(`http://127.0.0.1:${port}`)
    expect((await run('status')).code).toBe(0)
    const key = (await run('keys', 'create', 'laptop')).output.trim()
    const authority = readFileSync(join(home, 'ca.pem'), 'utf8')
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const target = { host: ownAddress, port, path: '/v1/models', ca: authority, headers, agent: false }
        request(target, answer => {
          answer.resume()
          resolve(answer.statusCode)
        })
          .once('error', reject)
          .end()
      })
    expect(await ask({})).toBe(401)
    expect(await ask({ authorization: `Bearer ${key}` })).toBe(200)
    const plain = await fetch(`http://${ownAddress}:${port}/v1/models`)
    expect(plain.status).toBe(400)
    expect(await plain.json()).toMatchObject({ error: { code: 'https_required' } })
  },
)

test('what somebody else has named gives the terminal no orders', () => {
  expect(formatTable([['a\u001b[2J', 'b\nc']])).toBe('a\u{fffd}[2J  b\u{fffd}c\n')
})

test('a damaged file of keys ends the start with words for the user, not with a trace', async () => {
  const home = makeTempFolder()
  writeFileSync(join(home, 'api-keys.json'), '{"keys":[{')
  const peer = serve({ home, args, env: { MLX_MESH_DISCOVERY_ENABLED: 'false', MLX_MESH_PORT: '0' } })
  expect((await peer.ended).code).toBe(1)
  expect(peer.notes()).toContain('api-keys.json cannot be read as API keys. Remove it')
  expect(peer.notes()).not.toContain('    at ')
})
