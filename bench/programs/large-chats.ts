// Asks for chats of 15 MB, one after the other with a pause, until it is stopped: `node large-chats.ts URL MODEL`. Ends with
// an error when one is not answered.
import { setTimeout as wait } from 'node:timers/promises'

const [url = '', model = ''] = process.argv.slice(2)
const pauseMs = 300
const content = 'x'.repeat(15_000_000)
const body = JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content }] })

for (;;) {
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
  if (!response.ok) throw new Error(await response.text())
  await response.text()
  process.stdout.write('answered\n')
  await wait(pauseMs)
}
