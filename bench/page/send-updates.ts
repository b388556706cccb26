import { overviewOf } from '../../test/views/canned-worker.ts'
import type { World } from '../../test/views/canned-world.ts'

const turnMs = 10
/** Of each hundred updates: what a mesh under load says. The others are Macs that say how they are. */
const progressEvery = 10
const startEvery = 25
const overviewEvery = 100
const mostLive = 8

/** Tells so many events a second, at an even pace, until it is ended. */
export function sendUpdates(world: World, perSecond: number): () => void {
  if (perSecond === 0) return () => {}
  const beganMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - beganMs) * perSecond) / 1000)
    for (; sent < due; sent++) sendOne(world, sent)
  }, turnMs)
  return () => {
    clearInterval(timer)
    for (const { requestId } of world.live) world.complete(requestId)
  }
}

function sendOne(world: World, i: number): void {
  const { workers, live } = world
  const worker = workers[i % workers.length]
  const [oldest] = live
  if (i % overviewEvery === 0)
    world.emit({
      type: 'metrics_update',
      timestamp: Date.now(),
      overview: overviewOf(workers, live, 30 * live.length + (i % 7)),
    })
  else if (i % startEvery === 1 && worker) {
    if (oldest && live.length >= mostLive) world.complete(oldest.requestId)
    else world.start({ workerId: worker.workerId, phase: 'generating' })
  } else if (i % progressEvery === 2 && oldest)
    world.progress(oldest.requestId, { tokensGenerated: oldest.tokensGenerated + 8 })
  else if (worker?.metrics)
    world.change(worker.workerId, {
      lastHeartbeat: Date.now(),
      metrics: {
        ...worker.metrics,
        gpuUtilizationPercent: (i * 7) % 100,
        cpuUsagePercent: (i * 3) % 60,
        activeRequests: live.filter(({ workerId }) => workerId === worker.workerId).length,
      },
    })
}
