// A chat answer that is streamed word by word, as the OpenAI endpoint does. What is asked says what happens: a message with
// "break" ends in the middle with an error, "fail" is refused, "slow" takes its time, "long" says much, "hand over" changes
// the Mac, "wait" does not begin before its client leaves, "think" thinks first.
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Answer, Asked } from './canned-routes.ts'
import type { World } from './canned-world.ts'

const chatBody = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
})

const text = `A mesh of Macs answers as **one**:

1. your app asks its own Mac,
2. that Mac chooses the best one,
3. words come back as they are made.

\`\`\`python
print("hello from the mesh")

print("goodbye")
\`\`\`

| Mac | tokens/s |
| --- | ---: |
| Desk | 56 |

See [the project](https://example.org/mesh) <b>for more</b>.
`
const wordMs = 8
const slowWordMs = 60
const longTimes = 30

export async function streamChat(world: World, { body, req, res }: Asked): Promise<'streamed' | Answer> {
  const { model, messages } = chatBody.parse(body)
  const asked = messages.at(-1)?.content ?? ''
  if (asked.includes('fail')) return refusal
  const workerId = world.workers[0]?.workerId ?? 'mac-0'
  const wanted = req.headers['x-request-id']
  const { requestId } = world.start({
    modelId: model,
    workerId,
    phase: 'prefill',
    ...(typeof wanted === 'string' ? { requestId: wanted } : {}),
  })
  const gone = new Promise<void>(resolve => res.once('close', resolve))
  if (asked.includes('wait')) await gone
  else await write(world, { asked, model, requestId, workerId, res })
  world.complete(requestId, { status: res.writableFinished || res.writableEnded ? 'completed' : 'cancelled' })
  return 'streamed'
}

interface Writing {
  readonly asked: string
  readonly model: string
  readonly requestId: string
  readonly workerId: string
  readonly res: Asked['res']
}

async function write(world: World, { asked, model, requestId, workerId, res }: Writing): Promise<void> {
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-request-id': requestId,
    'x-mlx-mesh-worker': workerId,
  })
  const say = (choices: object[], more: object = {}) =>
    res.write(
      `data: ${JSON.stringify({ id: requestId, object: 'chat.completion.chunk', model, choices, ...more })}\n\n`,
    )
  if (asked.includes('think')) {
    for (const reasoning_content of ['Macs are ', 'many, ', 'answers are one.'])
      say([{ index: 0, delta: { reasoning_content }, finish_reason: null }])
  }
  const words = (asked.includes('long') ? text.repeat(longTimes) : text).split(/(?<=\s)/)
  for (const [i, word] of words.entries()) {
    if (res.destroyed) return
    if (i === 12 && asked.includes('break')) return void res.end(`data: ${JSON.stringify(refusal.body)}\n\n`)
    if (i === 12 && asked.includes('hand over'))
      world.progress(requestId, { handovers: 1, workerId: world.workers[1]?.workerId ?? workerId })
    say([{ index: 0, delta: { content: word }, finish_reason: null }])
    world.progress(requestId, { phase: 'generating', tokensGenerated: i + 1 })
    if (!asked.includes('long') || i % 4 === 0) await pause(asked.includes('slow') ? slowWordMs : wordMs)
  }
  say([{ index: 0, delta: {}, finish_reason: 'stop' }])
  const usage = { prompt_tokens: 12, completion_tokens: words.length, total_tokens: 12 + words.length }
  say([], { usage })
  res.end(': keep-alive\n\ndata: [DONE]\n\n')
}

const refusal = {
  status: 503,
  body: {
    error: {
      message: 'Every Mac that has this model is full. Try again in a moment.',
      type: 'server_error',
      param: null,
      code: 'no_worker',
    },
  },
}
