// A chat answer that is streamed word by word, as the OpenAI endpoint does.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Asked } from './canned-routes.ts'
import type { World } from './canned-world.ts'

const chatBody = z.object({ model: z.string(), stream: z.boolean().optional() })

const text = `A mesh of Macs answers as **one**:

1. your app asks its own Mac,
2. that Mac chooses the best one,
3. words come back as they are made.

\`\`\`python
print("hello from the mesh")
\`\`\`
`
const wordMs = 15

export async function streamChat(world: World, { body, res }: Asked): Promise<'streamed'> {
  const { model } = chatBody.parse(body)
  const workerId = world.workers[0]?.workerId ?? 'mac-0'
  const request = world.start({ modelId: model, workerId, phase: 'generating' })
  const { requestId } = request
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-request-id': requestId,
    'x-mlx-mesh-worker': workerId,
  })
  const say = (choice: object, more: object = {}) =>
    res.write(
      `data: ${JSON.stringify({ id: requestId, object: 'chat.completion.chunk', model, choices: [choice], ...more })}\n\n`,
    )
  let tokens = 0
  for (const word of text.split(/(?<=\s)/)) {
    if (res.destroyed) break
    say({ index: 0, delta: { content: word }, finish_reason: null })
    world.progress(requestId, { tokensGenerated: ++tokens })
    await pause(wordMs)
  }
  if (!res.destroyed) {
    say({ index: 0, delta: {}, finish_reason: 'stop' })
    res.write(
      `data: ${JSON.stringify({ id: requestId, object: 'chat.completion.chunk', model, choices: [], usage: { prompt_tokens: 12, completion_tokens: tokens, total_tokens: 12 + tokens } })}\n\n`,
    )
    res.end('data: [DONE]\n\n')
  }
  world.complete(requestId, { status: res.destroyed ? 'cancelled' : 'completed' })
  return 'streamed'
}
