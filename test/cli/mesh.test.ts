import { expect, onTestFinished, test, vi } from 'vitest'
import { runInvite } from '../../main/cli/invite.ts'
import { runCommandLine } from '../../main/cli/run.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { adOf, type FakeMac, startFakeMac } from './fake-mesh.ts'
import { openScreen, type Screen } from './fake-terminal.ts'

/** A person at a Mac, who types a command. */
function type(mac: FakeMac, ...argv: string[]): { screen: Screen; ended: Promise<number> } {
  const screen = openScreen({ home: makeTempFolder() })
  onTestFinished(() => {
    screen.stdin.end()
  })
  return { screen, ended: runCommandLine([...argv, '--url', mac.url], screen.terminal) }
}

async function result(mac: FakeMac, ...argv: string[]) {
  const { screen, ended } = type(mac, ...argv)
  return { code: await ended, output: screen.output(), notes: screen.notes() }
}

async function twoMacs() {
  const studio = await startFakeMac('studio0000', 'Studio')
  const book = await startFakeMac('book000000', 'MacBook')
  return { studio, book }
}

const shows = (screen: Screen, text: string | RegExp) =>
  vi.waitFor(() => expect(screen.output()).toMatch(text), { timeout: 5000 })

test('invite shows a code, join takes it, and both say what has become of it', async () => {
  const { studio, book } = await twoMacs()
  const inviting = type(studio, 'invite')
  await shows(inviting.screen, /mlx-mesh join (\S+)/)
  const [, code = ''] = /mlx-mesh join (\S+)/.exec(inviting.screen.output()) ?? []
  const joining = await result(book, 'join', code, '--at', `127.0.0.1:${studio.pairing.invitation()?.port}`)
  expect(joining).toEqual({ code: 0, output: 'This Mac is in the mesh "Studio" now.\n', notes: '' })
  expect(await inviting.ended).toBe(0)
  expect(inviting.screen.output()).toContain('MacBook is in the mesh "Studio" now.\n')
})

test('with --json each step is an object', async () => {
  const { studio, book } = await twoMacs()
  const inviting = type(studio, 'invite', '--json')
  await shows(inviting.screen, 'invited')
  const { code } = JSON.parse(inviting.screen.output())
  const at = `127.0.0.1:${studio.pairing.invitation()?.port}`
  const joined = { event: 'joined', meshName: 'Studio' }
  expect(JSON.parse((await result(book, 'join', code, '--at', at, '--json')).output)).toEqual({
    ...joined,
    withName: 'Studio',
  })
  await inviting.ended
  expect(JSON.parse(inviting.screen.output().trim().split('\n').at(-1) ?? '')).toEqual({
    ...joined,
    withName: 'MacBook',
  })
})

test('without a code a mesh nearby is offered, and two yes to the same digits let the Mac in', async () => {
  const { studio, book } = await twoMacs()
  const inviting = type(studio, 'invite')
  await shows(inviting.screen, 'mlx-mesh join')
  book.near = [adOf(studio)]
  const joining = type(book, 'join')
  await shows(joining.screen, 'Join the mesh "Studio" of Studio? ')
  joining.screen.stdin.write('y\n')
  for (const { screen } of [inviting, joining]) {
    await shows(screen, 'Do both show the same? ')
    screen.stdin.write('y\n')
  }
  expect(await Promise.all([inviting.ended, joining.ended])).toEqual([0, 0])
  const digits = (screen: Screen) => /^ {4}(\d{6})$/m.exec(screen.output())?.[1]
  expect(digits(joining.screen)).toBe(digits(inviting.screen))
  expect(book.membership.secret()).toBe(studio.membership.secret())
})

test('a no lets nobody in, and both hear why; anything else is asked again', async () => {
  const { studio, book } = await twoMacs()
  const inviting = type(studio, 'invite')
  await shows(inviting.screen, 'mlx-mesh join')
  book.near = [adOf(studio)]
  const joining = type(book, 'join')
  await shows(joining.screen, 'Join the mesh')
  joining.screen.stdin.write('yes\n')
  await shows(inviting.screen, 'Do both show')
  inviting.screen.stdin.write('\n')
  await vi.waitFor(() => expect(inviting.screen.output().match(/Do both show/g)).toHaveLength(2))
  inviting.screen.stdin.write('no\n')
  expect(await Promise.all([inviting.ended, joining.ended])).toEqual([1, 1])
  expect(inviting.screen.notes()).toContain('You said that the codes differ. Nobody was let in.')
  expect(joining.screen.notes()).toContain('The other person said that the codes differ.')
  expect(book.membership.mesh()).toBeNull()
})

test('several meshes are a list to choose from', async () => {
  const { studio, book } = await twoMacs()
  const attic = await startFakeMac('attic00000', 'Attic')
  await Promise.all([studio.pairing.invite(), attic.pairing.invite()])
  book.near = [adOf(studio), adOf(attic)]
  const joining = type(book, 'join')
  await shows(joining.screen, 'Which one? ')
  expect(joining.screen.output()).toContain('1  Studio  Studio\n2  Attic   Attic\n')
  joining.screen.stdin.write('2\n')
  await vi.waitFor(() => expect(attic.pairing.state().state).toBe('comparing'))
  book.pairing.cancel()
  expect(await joining.ended).toBe(1)
})

test('a mesh nearby that lets nobody in is named, with what to do', { timeout: 20_000 }, async () => {
  const { studio, book } = await twoMacs()
  await studio.membership.create('Home')
  book.near = [adOf(studio)]
  const { code, notes } = await result(book, 'join')
  expect(code).toBe(1)
  expect(notes).toContain('nearby: Home (Studio). None lets somebody in right now: run "mlx-mesh invite"')
})

test('when mDNS does not work, join says that', { timeout: 20_000 }, async () => {
  const { book } = await twoMacs()
  book.problem = 'mDNS does not work on 10.0.0.7: no route.'
  expect((await result(book, 'join')).notes).toBe(
    'mlx-mesh join: mDNS does not work on 10.0.0.7: no route.\n',
  )
})

test('a mistyped code is told, and nothing is tried', async () => {
  const { book } = await twoMacs()
  const { code, notes } = await result(book, 'join', 'ABCD-EFGH')
  expect(code).toBe(1)
  expect(notes).toContain('not typed as it is shown: it has 8 letters and digits instead of 28')
  expect(book.pairing.state()).toEqual({ state: 'idle' })
})

test('a wrong code is told at both ends', async () => {
  const { studio, book } = await twoMacs()
  const other = await startFakeMac('attic00000', 'Attic')
  const inviting = type(studio, 'invite')
  await shows(inviting.screen, 'mlx-mesh join')
  const wrong = Object.assign({ code: '' }, await other.pairing.invite()).code
  const { notes } = await result(
    book,
    'join',
    wrong,
    '--at',
    `127.0.0.1:${studio.pairing.invitation()?.port}`,
  )
  expect(notes).toContain('no such invitation open')
  expect(studio.pairing.state().state).toBe('invited')
  studio.pairing.cancel()
  expect(await inviting.ended).toBe(1)
  expect(inviting.screen.notes()).toBe('mlx-mesh invite: it was called off.\n')
})

test('Ctrl-C calls an invitation off', async () => {
  const { studio } = await twoMacs()
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runInvite(['--url', studio.url], screen.terminal)
  ended.catch(() => {})
  await shows(screen, 'Waiting')
  process.emit('SIGINT')
  await expect(ended).rejects.toThrow('called off.')
  expect(studio.pairing.state()).toEqual({ state: 'idle' })
})

test('members shows who is in the mesh and what is nearby', async () => {
  const { studio, book } = await twoMacs()
  expect((await result(book, 'members')).output).toContain('This Mac is in no mesh. "mlx-mesh invite"')
  await studio.membership.create('Home')
  studio.membership.admit(book.membership.self())
  await book.membership.create('Office')
  studio.near = [adOf(book)]
  expect((await result(studio, 'members')).output).toBe(
    [
      'Mesh "Home"',
      '',
      'MAC      STATE     ID',
      'Studio   this Mac  studio0000',
      'MacBook  offline   book000000',
      '',
      'Nearby: the mesh "Office" (MacBook)',
      '',
    ].join('\n'),
  )
  expect(JSON.parse((await result(studio, 'members', '--json')).output)).toMatchObject({
    mesh: { name: 'Home' },
  })
})

test('a Mac is removed by its name or id, and this one only leaves', async () => {
  const { studio, book } = await twoMacs()
  await studio.membership.create('Home')
  studio.membership.admit(book.membership.self())
  expect((await result(studio, 'remove', 'macbok')).notes).toContain('Did you mean "MacBook"?')
  expect((await result(studio, 'remove', 'studio')).notes).toContain('"mlx-mesh leave" leaves the mesh')
  expect(await result(studio, 'remove', 'macbook')).toMatchObject({
    code: 0,
    output: expect.stringContaining('MacBook is out'),
  })
  expect(studio.membership.members()).toHaveLength(1)
  expect((await result(studio, 'leave')).output).toBe('This Mac has left the mesh "Home".\n')
  expect(await result(studio, 'leave')).toMatchObject({
    code: 1,
    notes: 'mlx-mesh leave: this Mac is in no mesh.\n',
  })
})

test('of two Macs of one name none is removed before it is said which', async () => {
  const { studio, book } = await twoMacs()
  await studio.membership.create('Home')
  await studio.membership.admit(book.membership.self())
  await studio.membership.admit({ workerId: 'other00000', name: 'MACBOOK', key: 'e'.repeat(64) })
  expect((await result(studio, 'remove', 'macbook')).notes).toContain('Say which one by its id')
  expect(studio.membership.members()).toHaveLength(3)
  expect((await result(studio, 'remove', 'other00000')).code).toBe(0)
  expect(studio.membership.members()).toHaveLength(2)
})

test('a Mac takes another name', async () => {
  const { studio } = await twoMacs()
  expect((await result(studio, 'rename', 'Big', 'Mac')).output).toBe('This Mac is called Big Mac now.\n')
  expect((await result(studio, 'rename')).code).toBe(2)
})
