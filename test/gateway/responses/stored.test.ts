import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openStoredResponses } from '../../../main/gateway/responses/stored-responses.ts'
import { MeshError } from '../../../main/protocol/errors.ts'
import { type Log, silentLog } from '../../../main/telemetry/log.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { makeSmallDisk, makeTempFolder, noSmallDisk } from '../../support/temp-folder.ts'
import { get } from '../support/ask.ts'
import { type Door, openDoor } from '../support/open-door.ts'
import { refused, respond } from './ask.ts'

const day = 86_400_000
const secret = 'The code of the door is 4711.'

interface Options {
  readonly folder?: string
  readonly clock?: ManualClock
  readonly maxBytes?: number
}

/** A door, and the folder in which it keeps responses. */
async function openWithStore({
  folder = makeTempFolder(),
  clock = new ManualClock(),
  maxBytes,
}: Options = {}) {
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: (...said) => warnings.push(JSON.stringify(said)) }
  const file = join(folder, 'responses.db')
  const stored = openStoredResponses({ file, clock, log, ...(maxBytes === undefined ? {} : { maxBytes }) })
  onTestFinished(() => stored.close())
  const door = await openDoor({ responses: stored })
  return { door, stored, file, folder, clock, warnings }
}

async function isKept(door: Door, id: string): Promise<boolean> {
  return (await get(door, `/v1/responses/${id}`)).status === 200
}

/** Everything that the folder holds on the disk. */
function onDisk(folder: string): string {
  return readdirSync(folder)
    .map(name => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

test('a conversation goes on after a restart, on the same session', async () => {
  const { door, stored, folder } = await openWithStore()
  const first = await respond(door)
  const second = await respond(door, { input: 'And?', previous_response_id: first.id })
  stored.close()
  const again = await openWithStore({ folder })
  await respond(again.door, { input: 'So?', previous_response_id: second.id })
  const [asked] = again.door.mesh.asked
  expect(asked?.messages?.map(({ content }) => content)).toEqual(['Hi', 'Hello!', 'And?', 'Hello!', 'So?'])
  expect(asked?.sessionId).toBe(first.id)
  expect((await get(again.door, `/v1/responses/${first.id}`)).json).toEqual(first)
})

test('what is stored is for the eyes of its owner alone', async () => {
  const { door, folder } = await openWithStore()
  await respond(door, { input: secret })
  expect(onDisk(folder)).toContain(secret)
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
})

test('nothing is left on the disk of a response that is not to be stored, fails, or is deleted', async () => {
  const { door, folder, file } = await openWithStore()
  const { id } = await respond(door, { input: secret, store: false })
  door.mesh.script.refuse = new MeshError('ENGINE_FAILED', 'It broke.')
  await refused(door, { input: secret })
  door.mesh.script.refuse = null
  expect(existsSync(file)).toBe(false)
  expect(await isKept(door, id)).toBe(false)
  const stored = await respond(door, { input: secret })
  expect(onDisk(folder)).toContain(secret)
  expect(await (await fetch(`${door.url}/v1/responses/${stored.id}`, { method: 'DELETE' })).json()).toEqual({
    id: stored.id,
    object: 'response',
    deleted: true,
  })
  expect(await isKept(door, stored.id)).toBe(false)
  expect(onDisk(folder)).not.toContain(secret)
})

test('a conversation is kept for thirty days after it was last gone on with', async () => {
  const { door, clock } = await openWithStore()
  const left = await respond(door)
  const referred = await respond(door)
  const begun = await respond(door)
  clock.advance(20 * day)
  const next = await respond(door, { previous_response_id: begun.id })
  await respond(door, { input: [{ id: referred.output[0]?.id }] })
  clock.advance(20 * day)
  expect(await isKept(door, left.id)).toBe(false)
  expect(await isKept(door, begun.id)).toBe(true)
  expect(await isKept(door, referred.id)).toBe(true)
  await respond(door, { previous_response_id: next.id })
})

test('when they take too much room, the longest unused responses go', async () => {
  const { door, file, clock } = await openWithStore({ maxBytes: 1 << 20 })
  const input = 'word '.repeat(20_000)
  const ids: string[] = []
  for (let i = 0; i < 30; i++) {
    ids.push((await respond(door, { input })).id)
    clock.advance(1000)
  }
  const kept = await Promise.all(ids.map(id => isKept(door, id)))
  const count = kept.filter(Boolean).length
  expect(count).toBeGreaterThan(7)
  expect(count).toBeLessThan(12)
  expect(kept.lastIndexOf(false)).toBe(kept.length - count - 1)
  expect(statSync(file).size).toBeLessThan(2 << 20)
})

test('a conversation of which a turn is gone cannot be gone on with, and says which', async () => {
  const { door, stored } = await openWithStore()
  const first = await respond(door)
  const second = await respond(door, { previous_response_id: first.id })
  stored.remove(first.id)
  expect(await refused(door, { previous_response_id: second.id })).toMatchObject({
    status: 404,
    json: { error: { code: 'previous_response_not_found', message: expect.stringContaining(first.id) } },
  })
})

test('a conversation that has become longer than a request may be is refused before it is read', async () => {
  const { door } = await openWithStore()
  const input = 'x'.repeat(8 << 20)
  const first = await respond(door, { input })
  const second = await respond(door, { input, previous_response_id: first.id })
  const third = await respond(door, { input: 'y'.repeat(4 << 20), previous_response_id: second.id })
  expect(await refused(door, { previous_response_id: third.id })).toMatchObject({
    status: 413,
    json: { error: { code: 'request_too_large', param: 'previous_response_id' } },
  })
})

test('a response belongs to whoever asked for it, and so do its items', async () => {
  const { door, stored } = await openWithStore()
  const row = { id: 'resp_1', previousId: null, sessionId: 's', input: '[]', response: '{}' }
  stored.keep({ ...row, owner: 'key:ada' }, { input: ['msg_1'], output: [] })
  expect(stored.find('resp_1', 'key:ada')?.id).toBe('resp_1')
  expect(stored.placeOf('msg_1', 'key:ada')).toEqual({ responseId: 'resp_1', part: 'input' })
  expect(stored.find('resp_1', 'key:bob')).toBe(null)
  expect(stored.placeOf('msg_1', 'key:bob')).toBe(null)
  expect(await isKept(door, 'resp_1')).toBe(false)
})

test('conversations take part of the memory that all large requests may have', async () => {
  const { stored } = await openWithStore()
  const door = await openDoor({ responses: stored, limits: { smallBodyBytes: 1000, largeBodiesBytes: 6000 } })
  const input = 'x'.repeat(3000)
  const { id } = await respond(door, { input })
  await respond(door, { previous_response_id: id })
  expect(await refused(door, { input, previous_response_id: id })).toMatchObject({
    status: 429,
    json: { error: { code: 'overloaded' } },
  })
  await respond(door, { previous_response_id: id })
})

test('with a file that is no store a new one is made', async () => {
  const folder = makeTempFolder()
  writeFileSync(join(folder, 'responses.db'), 'this has never been a database '.repeat(100))
  const { door, warnings } = await openWithStore({ folder })
  expect(warnings.join()).toContain('damaged')
  const { id } = await respond(door)
  expect(await isKept(door, id)).toBe(true)
})

test('an answer is given also when it cannot be stored, and the log says so without its words', async () => {
  const { door, file, warnings } = await openWithStore()
  await respond(door)
  const other = new DatabaseSync(file)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  const { id, output } = await respond(door, { input: secret })
  expect(output).toMatchObject([{ content: [{ text: 'Hello!' }] }])
  other.exec('COMMIT')
  expect(await isKept(door, id)).toBe(false)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('could not be stored')
  expect(warnings[0]).toContain(id)
  expect(warnings[0]).not.toContain(secret)
})

test.skipIf(noSmallDisk)(
  `on a full disk answers are given, conversations go on, and later ones are stored${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
  async () => {
    const { door, warnings } = await openWithStore({ folder: makeSmallDisk() })
    const first = await respond(door)
    const large = await respond(door, { input: 'x'.repeat(2 << 20), previous_response_id: first.id })
    expect(large).toMatchObject({ status: 'completed' })
    expect(await isKept(door, large.id)).toBe(false)
    expect(warnings.join()).toContain('could not be stored')
    const small = await respond(door, { previous_response_id: first.id })
    expect(await isKept(door, small.id)).toBe(true)
  },
)

test('a folder that cannot be written costs the store alone', async () => {
  const folder = makeTempFolder()
  writeFileSync(join(folder, 'file'), '')
  const { door, warnings } = await openWithStore({ folder: join(folder, 'file') })
  expect(await respond(door)).toMatchObject({ status: 'completed' })
  expect(warnings.join()).toContain('could not be stored')
})
