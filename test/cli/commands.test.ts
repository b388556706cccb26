import { describe, expect, test } from 'vitest'
import { commands } from '../../main/cli/commands.ts'
import { writeRunFile } from '../../main/client/run-file.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { startFakePeer } from './fake-peer.ts'
import { runCommand } from './fake-terminal.ts'

describe('the command line', () => {
  test.each([...commands.keys()])('%s explains itself', async name => {
    const { code, output } = await runCommand([name, '--help'], { home: makeTempFolder() })
    expect(code).toBe(0)
    expect(output).toMatch(new RegExp(`^Usage: mlx-mesh ${name} `))
    expect(output).toContain('--json')
    expect(output).toContain('Exit codes: 0')
    expect(Math.max(...output.split('\n').map(line => line.length))).toBeLessThan(120)
  })

  test('lists the commands when it is given none', async () => {
    const { code, output } = await runCommand([], { home: makeTempFolder() })
    expect(code).toBe(0)
    for (const name of commands.keys()) expect(output).toContain(`  ${name} `)
  })

  test('help NAME is the help of that command', async () => {
    const home = makeTempFolder()
    expect(await runCommand(['help', 'chat'], { home })).toEqual(
      await runCommand(['chat', '--help'], { home }),
    )
  })

  test.each([
    [['staus'], 'there is no command "staus". Did you mean "status"?'],
    [['--verison'], 'unknown option --verison'],
    [['status', '--jsn'], "Unknown option '--jsn'"],
    [['load'], 'expected the id of one model'],
    [['pause', 'soon'], 'expected a whole number of minutes, not "soon"'],
    [['pause', '5', '6'], 'expected a whole number of minutes, not "5 6"'],
    [['share'], 'expected on or off'],
    [['share', 'maybe'], 'expected on or off'],
    [['serve', '--engine', 'steam'], '--engine: expected mlx or scripted, not "steam"'],
    [['status', '--url', 'nowhere'], '--url: expected http://host:port, not "nowhere"'],
  ])('%j is a mistake of the user', async (argv, expected) => {
    const { code, output, notes } = await runCommand(argv, { home: makeTempFolder() })
    expect(code).toBe(2)
    expect(output).toBe('')
    expect(notes).toContain(expected)
  })
})

describe('finding the peer', () => {
  test('says how to start one when none runs', async () => {
    const { code, notes } = await runCommand(['status'], { home: makeTempFolder() })
    expect(code).toBe(1)
    expect(notes).toBe(
      'mlx-mesh status: no peer runs here. Start it with "npm start", or "mlx-mesh serve".\n',
    )
  })

  test('says so when the peer of this data folder is gone', async () => {
    const home = makeTempFolder()
    const peer = await startFakePeer()
    writeRunFile(home, { pid: process.pid, url: peer.url, startedAtMs: 0 })
    expect((await runCommand(['status'], { home })).code).toBe(0)
    await peer.close()
    const { code, notes } = await runCommand(['status'], { home })
    expect(code).toBe(1)
    expect(notes).toContain(`the peer that ran at ${peer.url} is gone. Start it with`)
  })

  test('MLX_MESH_URL names another one, --url wins', async () => {
    const home = makeTempFolder()
    const peer = await startFakePeer()
    const env = { MLX_MESH_URL: 'http://127.0.0.1:1' }
    expect((await runCommand(['status'], { home, env })).notes).toContain(
      'no peer answers at http://127.0.0.1:1.',
    )
    expect((await runCommand(['status', '--url', `${peer.url}/`], { home, env })).code).toBe(0)
  })

  test('notices that something else answers there', async () => {
    const peer = await startFakePeer()
    const args = ['status', '--url', `${peer.url}/elsewhere`]
    const { code, notes } = await runCommand(args, { home: makeTempFolder() })
    expect(code).toBe(1)
    expect(notes).toContain('there is nothing here')
  })
})

describe('the commands', () => {
  async function ask(...argv: string[]) {
    const peer = await startFakePeer()
    const run = () => runCommand([...argv, '--url', peer.url], { home: makeTempFolder() })
    return { peer, run }
  }

  test('status says what runs', async () => {
    const { peer, run } = await ask('status')
    const { output } = await run()
    expect(output).toBe(
      [
        `Endpoint  ${peer.url}/v1`,
        'Version   1.2.3, mode dual, up for 1 h 1 min',
        'Loaded    tiny',
        'Requests  1 active, 8 in all, 87.5 % of them successful',
        '',
        'MAC           STATE   CHIP                 LOADED  TOK/S  ACTIVE',
        'studio.local  online  Apple M4 Max, 64 GB  tiny    32.3   1',
        '',
      ].join('\n'),
    )
  })

  test('status says which Mac does not share, why, and for how long', async () => {
    const { peer, run } = await ask('status')
    const untilMs = Date.now() + 3_599_000
    peer.sharing = { state: 'paused', reason: 'its owner asked for it', untilMs }
    expect((await run()).output).toContain(
      'studio.local  paused for 1 h 0 min: its owner asked for it  Apple M4 Max',
    )
    peer.sharing = { state: 'leaving', reason: 'it is stopping', untilMs: null }
    expect((await run()).output).toContain('studio.local  leaving: it is stopping  Apple M4 Max')
  })

  test.each([
    [['pause'], { state: 'paused' }],
    [['pause', '90'], { state: 'paused', minutes: 90 }],
    [['share', 'off'], { state: 'off' }],
    [['share', 'on'], { state: 'on' }],
  ] as const)('%j is passed on to this Mac', async (argv, order) => {
    const { peer, run } = await ask(...argv)
    const sharing = { state: 'paused', reason: 'on battery', untilMs: null } as const
    peer.sharing = sharing
    expect(await run()).toMatchObject({ code: 0, output: 'This Mac is paused: on battery.\n' })
    expect(peer.sharingOrders).toEqual([order])
    const asJson = await ask(...argv, '--json')
    expect(JSON.parse((await asJson.run()).output)).toEqual({ state: 'on', reason: null, untilMs: null })
  })

  test('status --json is for programs', async () => {
    const { peer, run } = await ask('status', '--json')
    const { output } = await run()
    expect(JSON.parse(output)).toMatchObject({
      url: peer.url,
      requests: { total: 8 },
      workerRecords: [{ workerId: 'mac1' }],
    })
  })

  test('models shows their states', async () => {
    const { run } = await ask('models')
    expect((await run()).output.split('\n').slice(0, 3)).toEqual([
      'MODEL  STATE    SIZE    CONTEXT',
      'big    on disk  1.5 GB  2048 tokens',
      'tiny   ready    1.5 GB  2048 tokens',
    ])
  })

  test('load shows progress until the model is ready', async () => {
    const { run } = await ask('load', 'big')
    const { code, output, notes } = await run()
    expect(code).toBe(0)
    expect(notes).toBe('big: loading …\nbig: warming …\n')
    expect(output).toMatch(/^big is ready \(\d+\.\d s\)\.\n$/)
  })

  test('load says why a model failed', async () => {
    const { peer, run } = await ask('load', 'big')
    peer.loadStates = ['loading', 'failed']
    const big = peer.models.find(model => model.modelId === 'big')
    if (big) big.reason = 'its weights are damaged'
    const { code, notes } = await run()
    expect(code).toBe(1)
    expect(notes).toContain('big could not be loaded: its weights are damaged')
  })

  test('load knows which model was probably meant', async () => {
    const { run } = await ask('load', 'tinny')
    const { code, notes } = await run()
    expect(code).toBe(1)
    expect(notes).toBe('mlx-mesh load: there is no model "tinny" here. Did you mean "tiny"?\n')
  })

  test('models shows what could be copied from other Macs', async () => {
    const { peer, run } = await ask('models')
    peer.elsewhere.push('large')
    expect((await run()).output).toContain(
      'large  elsewhere  1.0 GB  2048 tokens  on another Mac; "mlx-mesh load" copies it\n',
    )
  })

  test('load copies a model of another Mac and says how far it is', async () => {
    const { peer, run } = await ask('load', 'large')
    peer.elsewhere.push('large')
    peer.loadStates = ['downloading', 'loading', 'ready']
    const { code, output, notes } = await run()
    expect(notes).toBe('large: copying, 50 % of 1.0 GB …\nlarge: loading …\n')
    expect(output).toMatch(/^large is ready/)
    expect(code).toBe(0)
  })

  test('load asks for a model that no Mac has when it is named as the hub names it', async () => {
    const { peer, run } = await ask('load', 'org/Model-4bit')
    peer.loadStates = ['downloading', 'loading', 'ready']
    const { code, notes } = await run()
    expect(notes).toBe('org/Model-4bit: copying, 50 % of 1.0 GB …\norg/Model-4bit: loading …\n')
    expect(code).toBe(0)
    expect((await (await ask('unload', 'org/Model-4bit')).run()).notes).toContain('there is no model')
  })

  test('catalog lists what could be downloaded, how large it is, and how it fits', async () => {
    const { peer, run } = await ask('catalog')
    expect((await run()).output).toBe('There is no model that this machine may download.\n')
    const model = { title: 'M', summary: 'Small and fast', sizeBytes: 3 * 2 ** 30, memoryBytes: 4 * 2 ** 30 }
    peer.catalog.push({ ...model, modelId: 'org/one', fits: 'well', onDisk: true })
    peer.catalog.push({ ...model, modelId: 'org/other', fits: 'no', onDisk: false })
    expect((await run()).output).toBe(
      [
        'MODEL      SIZE    FITS',
        'org/one    3.0 GB  well       on disk: Small and fast',
        'org/other  3.0 GB  too large  Small and fast\n',
      ].join('\n'),
    )
  })

  test('load says why a model was not copied', async () => {
    const { peer, run } = await ask('load', 'large')
    peer.elsewhere.push('large')
    peer.loadStates = ['downloading', 'absent']
    const { code, notes } = await run()
    expect(code).toBe(1)
    expect(notes).toContain('large could not be loaded: no reason was given')
  })

  test('unload waits until the memory is free', async () => {
    const { run } = await ask('unload', 'tiny', '--json')
    const { code, output } = await run()
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({ modelId: 'tiny', state: 'unloaded' })
  })
})

describe('config', () => {
  test('shows each value with its origin, and no secrets', async () => {
    const env = {
      MLX_MESH_PORT: '9000',
      MLX_MESH_NATS_EMBEDDED: 'false',
      MLX_MESH_NATS_SERVER_URL: 'nats://hub:4222',
      MLX_MESH_NATS_USER: 'me',
      MLX_MESH_NATS_PASSWORD: 'hunter2',
    }
    const home = makeTempFolder()
    const { output } = await runCommand(['config'], { home, env })
    expect(output).toContain(`Data folder: ${home}\n`)
    expect(output).toMatch(/^controller\.port +9000 +environment MLX_MESH_PORT$/m)
    expect(output).toMatch(/^nats\.password +"\*{8}" +environment/m)
    expect(output).toMatch(/^mode +"dual" +default$/m)
    expect(output).not.toContain('hunter2')
    const json = JSON.parse((await runCommand(['config', '--json'], { home, env })).output)
    expect(json.keys).toContainEqual({
      key: 'controller.port',
      value: 9000,
      source: 'environment MLX_MESH_PORT',
      variable: 'MLX_MESH_CONTROLLER_PORT',
    })
    expect(JSON.stringify(json)).not.toContain('hunter2')
  })

  test.each(['nats://me:hunter2@hub:4222', 'nats://me:hunt@er2/@hub:4222', 'me:hunter2@hub:4222'])(
    'shows an address without the login in it: %s',
    async address => {
      const env = { MLX_MESH_NATS_EMBEDDED: 'false', MLX_MESH_NATS_SERVER_URL: address }
      const home = makeTempFolder()
      const { output } = await runCommand(['config'], { home, env })
      expect(output).toMatch(/"(nats:\/\/)?\*{8}@hub:4222"/)
      expect((await runCommand(['config', '--json'], { home, env })).output).not.toContain('hunt')
    },
  )

  test('says what is wrong', async () => {
    const { code, notes } = await runCommand(['config'], {
      home: makeTempFolder(),
      env: { MLX_MESH_PORT: 'x' },
    })
    expect(code).toBe(2)
    expect(notes).toBe(
      'The configuration cannot be used:\n' +
        '  environment MLX_MESH_PORT: controller.port: expected a port from 0 to 65535 (0: any free one), not "x".\n',
    )
  })
})
