import { setTimeout as sleep } from 'node:timers/promises'

interface Worker {
  readonly models: readonly { readonly modelId: string; readonly state: string }[]
}

const withinMs = 60_000

/** Has the peer's own worker load and unload a model so many times, over the cluster API. */
export async function loadAndUnload(url: string, modelId: string, rounds: number): Promise<void> {
  const { workerId }: { workerId: string } = await getJson(`${url}/health`)
  const worker = `${url}/api/cluster/workers/${workerId}`
  for (let round = 0; round < rounds; round++) {
    await order(worker, 'load-model', modelId)
    await untilState(worker, modelId, 'ready')
    await order(worker, 'unload-model', modelId)
    await untilState(worker, modelId, 'unloaded')
  }
}

async function untilState(worker: string, modelId: string, state: string): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const { models }: Worker = await getJson(worker)
    const now = models.find(model => model.modelId === modelId)?.state
    if (now === state) return
    if (performance.now() > deadlineMs) throw new Error(`${modelId} is ${now}, not ${state}`)
    await sleep(50)
  }
}

async function order(worker: string, what: string, modelId: string): Promise<void> {
  const response = await fetch(`${worker}/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ modelId }),
  })
  if (!response.ok) throw new Error(`${what}: HTTP ${response.status} ${await response.text()}`)
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`)
  return JSON.parse(await response.text())
}
