import { createServer, type RequestListener } from 'node:http'
import type { LookupFunction } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { lookupOutside, refuseInside } from '../../main/web/address-check.ts'
import { type AddressGuard, fetchOutside } from '../../main/web/fetch-outside.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** The name `pictures.test` is that of the server; everything else is as ever. */
const guard: AddressGuard = {
  refuse: refuseInside,
  lookup: ((hostname, options, callback) => {
    if (hostname !== 'pictures.test') return lookupOutside(hostname, options, callback)
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
    else callback(null, '127.0.0.1', 4)
  }) satisfies LookupFunction,
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  open.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? `http://pictures.test:${address.port}` : ''
}

const rules = { mostBytes: 1 << 20, withinMs: 5000, guard }
const never = new AbortController().signal
const fetched = (url: string, more: object = {}) => fetchOutside(url, { ...rules, ...more }, never)

test('what lies at an address is fetched, also behind a redirect', async () => {
  const url = await serve((req, res) => {
    if (req.url === '/old') res.writeHead(302, { location: '/new' }).end()
    else res.end('a picture')
  })
  expect((await fetched(`${url}/old`)).toString()).toBe('a picture')
})

test.each([
  'http://127.0.0.1:1/',
  'http://[::1]:1/',
  'http://[::ffff:127.0.0.1]/',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1/',
  'http://0x7f.1/',
  'http://localhost:1/',
])('%s is inside and not asked', async url => {
  await expect(fetchOutside(url, { mostBytes: 1024, withinMs: 5000 }, never)).rejects.toThrow(
    'inside a private network',
  )
})

test('a redirect leads nowhere inside, whether by address or by name', async () => {
  let asked = 0
  const url = await serve((req, res) => {
    asked++
    const port = new URL(`http://x${req.url}`).searchParams.get('port')
    res.writeHead(302, {
      location: `http://${req.url?.startsWith('/name') ? 'localhost' : '127.0.0.1'}:${port}/`,
    })
    res.end()
  })
  const { port } = new URL(url)
  await expect(fetched(`${url}/name?port=${port}`)).rejects.toThrow('inside a private network')
  await expect(fetched(`${url}/address?port=${port}`)).rejects.toThrow('inside a private network')
  expect(asked).toBe(2)
})

test('a name that leads inside a moment later is refused then', async () => {
  let looks = 0
  const changing: AddressGuard = {
    refuse: refuseInside,
    lookup: (hostname, options, callback) =>
      ++looks === 1
        ? guard.lookup(hostname, options, callback)
        : lookupOutside('localhost', options, callback),
  }
  const url = await serve((_req, res) => res.writeHead(302, { location: '/again' }).end())
  await expect(fetched(url, { guard: changing })).rejects.toThrow('inside a private network')
  expect(looks).toBe(2)
})

test('too much, too late, no end of redirects and what is no address are refused', async () => {
  const url = await serve((req, res) => {
    if (req.url === '/large') res.end(Buffer.alloc((1 << 20) + 1))
    else if (req.url === '/round') res.writeHead(302, { location: '/round' }).end()
    else if (req.url === '/file') res.writeHead(302, { location: 'file:///etc/passwd' }).end()
    else if (req.url === '/gone') res.writeHead(404).end()
  })
  await expect(fetched(`${url}/large`)).rejects.toThrow('more than 1 MB')
  await expect(fetched(`${url}/slow`, { withinMs: 50 })).rejects.toThrow('longer than')
  await expect(fetched(`${url}/round`)).rejects.toThrow('without an end')
  await expect(fetched(`${url}/file`)).rejects.toThrow('no address of the web')
  await expect(fetched(`${url}/gone`)).rejects.toThrow('answers 404')
  await expect(fetched('http://user:secret@pictures.test/')).rejects.toThrow('no address of the web')
})

test('a client that leaves ends it', async () => {
  const client = new AbortController()
  const url = await serve(() => client.abort(new Error('it has left')))
  await expect(fetchOutside(url, rules, client.signal)).rejects.toThrow('it has left')
})
