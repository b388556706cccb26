// A dashboard at one Mac, looking at another.
import { describe, expect, onTestFinished, test } from 'vitest'
import { workerLog } from '../../main/protocol/dashboard.ts'
import { listen } from '../gateway/support/listen.ts'
import { machinesMissing } from '../machines/ip.ts'
import { workerIdOf } from '../machines/mesh.ts'
import { makeMesh, nth, onMachines, scripted } from '../machines/test-mesh.ts'

describe.skipIf(machinesMissing !== null)(`Macs ${onMachines}`, () => {
  test('show each other how far they are, what their logs say, and that one was killed', async () => {
    const { macs, close } = await makeMesh([scripted, scripted])
    onTestFinished(close)
    const [here, there] = [nth(macs, 0).peer, nth(macs, 1).peer]
    const workerId = await workerIdOf(there)
    const dashboard = await listen(Number(new URL(here.url).port))
    expect(dashboard.events[0]).toMatchObject({ workers: [{ status: 'online' }, { status: 'online' }] })
    const { worker } = await dashboard.until('worker_update', event => event.worker.linkMs !== null)
    expect(worker.workerId).toBe(workerId)
    const response = await fetch(`${here.url}/api/dashboard/workers/${workerId}/log`)
    const { lines } = workerLog.parse(await response.json())
    expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining(workerId))
    await there.kill()
    const offline = await dashboard.until('worker_offline')
    expect(offline.worker.workerId).toBe(workerId)
    expect((await fetch(`${here.url}/api/dashboard/workers/${workerId}/log`)).status).toBe(503)
  })
})
