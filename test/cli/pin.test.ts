import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempFolder } from '../support/temp-folder.ts'
import { runCommand } from './fake-terminal.ts'
import { serve } from './served-peer.ts'

const args = ['--port', '0', '--engine', 'scripted:loadMs=0', '--json']
const env = { MLX_MESH_DISCOVERY_ENABLED: 'false' }

test('a pinned model is loaded by the next start, and no longer when it is unpinned', async () => {
  const home = makeTempFolder()
  const first = serve({ home, args, env })
  await first.says(/started/)
  expect(await runCommand(['pin', 'scripted'], { home })).toMatchObject({
    code: 0,
    output:
      'scripted is loaded whenever this Mac starts, and stays. It is not loaded now; "mlx-mesh load" loads it.\n',
  })
  expect((await runCommand(['models'], { home })).output).toMatch(/scripted .* pinned$/m)
  first.child.kill('SIGTERM')
  await first.ended

  const second = serve({ home, args, env })
  await second.says(/started/)
  const stateNow = async () => JSON.parse((await runCommand(['models', '--json'], { home })).output)[0]
  await expect.poll(stateNow).toMatchObject({ state: 'ready', pinned: true })
  const { output } = await runCommand(['unpin', 'scripted'], { home })
  expect(output).toBe('scripted makes room for others again.\n')
  await expect.poll(stateNow).not.toHaveProperty('pinned')
  expect(JSON.parse(readFileSync(join(home, 'pinned.json'), 'utf8'))).toEqual({ modelIds: [] })
})

test('a model that came with the app is not removed', async () => {
  const home = makeTempFolder()
  const peer = serve({ home, args, env })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const [worker] = JSON.parse(await (await fetch(`${url}/api/cluster/workers`)).text())
  const response = await fetch(`${url}/api/cluster/workers/${worker.workerId}/remove-model`, {
    method: 'POST',
    body: JSON.stringify({ modelId: 'scripted' }),
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    error: {
      param: 'modelId',
      message: 'scripted came with the app and cannot be removed; only copies and downloads can.',
    },
  })
})
