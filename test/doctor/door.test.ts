import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeRunFile } from '../../main/client/run-file.ts'
import { checkDoor } from '../../main/doctor/door.ts'
import { openGuardedDoor } from '../gateway/support/keys.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

async function look(controller: object, names: readonly string[] = []) {
  const home = makeTempFolder()
  writeFileSync(join(home, 'cluster.yaml'), JSON.stringify({ cluster: { controller } }))
  const door = await openGuardedDoor()
  for (const name of names) door.makeKey({ name })
  writeRunFile(home, { pid: process.pid, url: door.url, startedAtMs: 0 })
  const env = { MLX_MESH_HOME: home }
  return checkDoor({ env, layers: { env } })
}

test.each([
  [{}, [], 'ok', 'only programs on this Mac reach the endpoint'],
  [{ bind_address: '0.0.0.0', tls: { enabled: false } }, [], 'warn', 'without TLS'],
  [{ bind_address: '0.0.0.0' }, [], 'warn', 'none has an API key'],
  [{ bind_address: '0.0.0.0' }, ['a', 'b'], 'ok', 'over TLS, with one of 2 API keys'],
] as const)(
  'the doctor says who can reach the endpoint: %j with the keys %j',
  async (controller, names, status, message) => {
    expect(await look(controller, names)).toMatchObject({ status, message: expect.stringContaining(message) })
  },
)
