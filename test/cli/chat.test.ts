import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { runChat } from '../../main/cli/chat.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { sendChunk, startFakePeer } from './fake-peer.ts'
import { openScreen, runCommand } from './fake-terminal.ts'

const say = (content: string) => ({ choices: [{ delta: { content } }] })

test('one question, one answer', async () => {
  const peer = await startFakePeer()
  const args = ['chat', '-m', 'tiny', 'Say', 'hello', '--url', peer.url]
  const { code, output } = await runCommand(args, { home: makeTempFolder(), piped: '' })
  expect({ code, output }).toEqual({ code: 0, output: 'Hello you\n' })
  expect(peer.asked).toMatchObject([{ model: 'tiny', messages: [{ role: 'user', content: 'Say hello' }] }])
})

test('what is piped in is the question, and a loaded model answers', async () => {
  const peer = await startFakePeer()
  const { output } = await runCommand(['chat', '--json', '--url', peer.url], {
    home: makeTempFolder(),
    piped: 'Hi there\n',
  })
  expect(JSON.parse(output)).toEqual({
    modelId: 'tiny',
    answer: 'Hello you',
    usage: { prompt_tokens: 3, completion_tokens: 2 },
  })
  expect(peer.asked).toMatchObject([{ model: 'tiny', messages: [{ content: 'Hi there' }] }])
})

test('an error in the middle of an answer is told', async () => {
  const peer = await startFakePeer()
  peer.answer = response => {
    sendChunk(response, say('Half'))
    sendChunk(response, { error: { message: 'the engine has failed' } })
    response.end()
  }
  const args = ['chat', 'tiny', '--url', peer.url]
  const { code, output, notes } = await runCommand(args, { home: makeTempFolder(), piped: 'Hi' })
  expect({ code, output }).toEqual({ code: 1, output: 'Half' })
  expect(notes).toBe('mlx-mesh chat: the engine has failed\n')
})

test('an answer that breaks off is not taken for a whole one', async () => {
  const peer = await startFakePeer()
  peer.answer = response => {
    sendChunk(response, say('Half'))
    response.end()
  }
  const args = ['chat', 'tiny', '--url', peer.url]
  const { code, notes } = await runCommand(args, { home: makeTempFolder(), piped: 'Hi' })
  expect(code).toBe(1)
  expect(notes).toContain('the answer broke off')
})

test('a peer that dies in the middle of an answer is told in words, and the conversation goes on', async () => {
  const peer = await startFakePeer()
  peer.answer = response => {
    response.write(`data: ${JSON.stringify(say('Half'))}\n\n`, () => response.destroy())
  }
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runChat(['--url', peer.url], screen.terminal)
  await vi.waitFor(() => expect(screen.output()).toContain('> '))
  screen.stdin.write('first\n')
  await vi.waitFor(() => expect(screen.notes()).toBe('the answer broke off: the peer has gone.\n'))
  screen.stdin.write('second\n')
  await vi.waitFor(() => expect(peer.asked).toHaveLength(2))
  screen.stdin.end()
  expect(await ended).toBe(0)
})

test('without a prompt, --json has nothing to ask', async () => {
  const { code } = await runCommand(['chat', '--json'], { home: makeTempFolder() })
  expect(code).toBe(2)
  expect((await runCommand(['chat'], { home: makeTempFolder(), piped: ' ' })).notes).toContain(
    'there is no prompt',
  )
})

test('a conversation remembers what was said, and ends with Ctrl-D', async () => {
  const peer = await startFakePeer()
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runChat(['--url', peer.url], screen.terminal)
  await vi.waitFor(() => expect(screen.output()).toContain('Talking to tiny.'))
  screen.stdin.write('first\n')
  await vi.waitFor(() => expect(screen.output()).toContain('Hello you'))
  screen.stdin.write('second\n')
  await vi.waitFor(() => expect(peer.asked).toHaveLength(2))
  screen.stdin.end()
  expect(await ended).toBe(0)
  expect(peer.asked[1]).toMatchObject({
    messages: [
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'Hello you' },
      { role: 'user', content: 'second' },
    ],
  })
})

test('whoever waits is told once that the model thinks, and what it thinks is no part of the conversation', async () => {
  const peer = await startFakePeer()
  peer.answer = response => {
    for (const reasoning_content of ['Well', ' …'])
      sendChunk(response, { choices: [{ delta: { reasoning_content } }] })
    sendChunk(response, say('Sunny.'))
    response.end('data: [DONE]\n\n')
  }
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runChat(['--url', peer.url], screen.terminal)
  await vi.waitFor(() => expect(screen.output()).toContain('> '))
  screen.stdin.write('first\n')
  await vi.waitFor(() => expect(screen.output()).toContain('Sunny.'))
  expect(screen.notes()).toBe('(thinking …)\n')
  screen.stdin.write('second\n')
  await vi.waitFor(() => expect(peer.asked).toHaveLength(2))
  screen.stdin.end()
  await ended
  expect(peer.asked[1]).toMatchObject({ messages: [{}, { role: 'assistant', content: 'Sunny.' }, {}] })
})

test('a failed answer does not end the conversation', async () => {
  const peer = await startFakePeer()
  peer.answer = response => response.writeHead(503).end('{"error": {"message": "too much to do"}}')
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runChat(['--url', peer.url], screen.terminal)
  await vi.waitFor(() => expect(screen.output()).toContain('> '))
  screen.stdin.write('first\n')
  await vi.waitFor(() => expect(screen.notes()).toBe('too much to do\n'))
  screen.stdin.write('again\n')
  await vi.waitFor(() => expect(peer.asked).toHaveLength(2))
  expect(peer.asked[1]).toMatchObject({ messages: [{ role: 'user', content: 'again' }] })
  screen.stdin.end()
  await ended
})

test('leaving in the middle of an answer stops it at the peer', async () => {
  const peer = await startFakePeer()
  const gone = Promise.withResolvers<void>()
  peer.answer = (response, request) => {
    sendChunk(response, say('On and on'))
    void once(request.socket, 'close').then(() => gone.resolve())
  }
  const screen = openScreen({ home: makeTempFolder() })
  const ended = runChat(['--url', peer.url], screen.terminal)
  await vi.waitFor(() => expect(screen.output()).toContain('> '))
  screen.stdin.write('talk\n')
  await vi.waitFor(() => expect(screen.output()).toContain('On and on'))
  screen.stdin.end()
  await ended
  await gone.promise
  expect(screen.output()).toContain('[stopped]')
})
