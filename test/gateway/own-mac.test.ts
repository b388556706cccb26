import { expect, test } from 'vitest'
import { openDoor } from './support/open-door.ts'
import { askRaw, statusOf } from './support/raw-http.ts'

const everyPage = { cors: { enabled: true, origins: ['*'] } }
const appToken = 'a'.repeat(43)
const ownersOnly = [
  ['GET', '/api/mesh'],
  ['GET', '/api/settings'],
  ['PATCH', '/api/settings'],
  ['POST', '/api/restart'],
  ['GET', '/api/diagnostics'],
  ['GET', '/api/dashboard/workers/mac1/log'],
  ['POST', '/api/cluster/workers/mac1/remove-model'],
] as const

test.each(ownersOnly)(
  '%s %s is for no page of another site, even where all pages may use the endpoint',
  async (method, path) => {
    const door = await openDoor({ ...everyPage, appToken })
    const ask = async (headers: Record<string, string>) =>
      statusOf(await askRaw(door.port, method, path, headers))
    for (const origin of ['https://evil.example', 'null', 'chrome-extension://evil', 'app://evil'])
      expect(await ask({ origin }), origin).toBe(403)
    expect(await ask({})).not.toBe(403)
    expect(await ask({ origin: `http://127.0.0.1:${door.port}` })).not.toBe(403)
    expect(await ask({ origin: 'app://mlx-mesh', 'x-mlx-mesh-token': appToken })).not.toBe(403)
    expect(door.orders).toEqual([])
  },
)
