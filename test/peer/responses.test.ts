// Stored responses of a peer as a user runs it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { NotFoundError } from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import { dataPaths } from '../../main/config/data-folder.ts'
import { type ServedPeer, startServe } from '../support/serve.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const secret = 'The code of the door is 4711.'

async function serve(dataFolder: string) {
  const peer = await startServe({ dataFolder, args: ['--engine', 'scripted:loadMs=0', '--load', 'scripted'] })
  onTestFinished(() => peer.close())
  return { peer, responses: responsesOf(peer) }
}

function responsesOf({ url }: ServedPeer) {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }).responses
}

test('a conversation goes on when the peer has been started anew, and its words are in no log', async () => {
  const dataFolder = makeTempFolder()
  const asked = { model: 'scripted', max_output_tokens: 16 }
  const before = await serve(dataFolder)
  const first = await before.responses.create({ ...asked, input: secret })
  await before.peer.end('SIGTERM')
  const { responses } = await serve(dataFolder)
  const second = await responses.create({ ...asked, input: 'And?', previous_response_id: first.id })
  expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0)
  expect((await responses.retrieve(first.id)).output_text).toBe(first.output_text)
  await responses.delete(first.id)
  await expect(responses.retrieve(first.id)).rejects.toBeInstanceOf(NotFoundError)
  expect(readFileSync(dataPaths(dataFolder).logFile, 'utf8')).not.toContain('4711')
  expect(readFileSync(join(dataFolder, 'history.db'), 'latin1')).not.toContain('4711')
})
