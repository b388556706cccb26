// The endpoint of a Mac as other machines find it, over a network of their own.
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { machinesMissing } from '../machines/ip.ts'
import type { Machine } from '../machines/machine.ts'
import { makeMesh, nth, onMachines, scripted } from '../machines/test-mesh.ts'

const open = { ...scripted, cluster: { controller: { bind_address: '0.0.0.0' } } }
const outcome = z.object({ status: z.number().nullable(), body: z.string() })
const asking = `
  const [url, key] = process.argv.slice(1)
  const headers = key ? { authorization: 'Bearer ' + key } : {}
  const body = JSON.stringify({ model: 'scripted', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 3 })
  const request = url.endsWith('/chat/completions') ? { method: 'POST', headers, body } : { headers }
  fetch(url, request).then(
    async answer => ({ status: answer.status, body: await answer.text() }),
    error => ({ status: null, body: String(error.cause ?? error) }),
  ).then(outcome => console.log(JSON.stringify(outcome)))`

/** A program on that machine, which trusts the authority in that file. */
async function askFrom(machine: Machine, authority: string, url: string, key = '') {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority }
  const child = machine.run({ command: process.execPath, args: ['-e', asking, url, key], env })
  return outcome.parse(JSON.parse(await text(child.stdout)))
}

describe.skipIf(machinesMissing !== null)(`A door that is open to the network, ${onMachines}`, () => {
  test('takes TLS with a key from another machine, and follows a change of address', async () => {
    const mesh = await makeMesh([open, open])
    onTestFinished(() => mesh.close())
    const [one, two] = [nth(mesh.macs, 0), nth(mesh.macs, 1)]
    const guest = await mesh.network.addMachine()
    const authority = join(one.peer.dataFolder, 'ca.pem')
    const path = '/v1/chat/completions'
    const urlOf = (mac: typeof one, scheme = 'https') => `${scheme}://${mac.machine.address}:${mac.peer.port}`
    const [key = ''] = (await one.peer.command('keys', 'create', 'guest')).split('\n')

    expect(await askFrom(guest, authority, urlOf(one) + path, key)).toMatchObject({ status: 200 })
    expect(await askFrom(guest, authority, urlOf(one) + path)).toMatchObject({ status: 401 })
    expect(await askFrom(guest, authority, urlOf(one, 'http') + path, key)).toMatchObject({ status: 400 })
    expect(await askFrom(guest, authority, `${urlOf(one)}/api/settings`, key)).toMatchObject({ status: 403 })
    // Every Mac of the mesh is vouched for by the same authority; its keys are its own.
    expect(await askFrom(guest, authority, `${urlOf(two)}/health`)).toEqual({
      status: 200,
      body: '{"status":"healthy"}',
    })
    expect(await askFrom(guest, authority, urlOf(two) + path, key)).toMatchObject({ status: 401 })
    expect((await askFrom(guest, join(guest.name, 'nothing'), urlOf(one) + path, key)).body).toContain(
      'certificate',
    )

    await one.machine.changeAddress()
    await expect
      .poll(() => askFrom(guest, authority, `${urlOf(one)}/health`), { timeout: 60_000, interval: 2000 })
      .toMatchObject({ status: 200 })
  }, 120_000)
})
