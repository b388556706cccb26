// Who belongs with a canned Mac, and that one goes.
import { z } from 'zod'
import type { Answer, Asked } from './canned-routes.ts'
import type { World } from './canned-world.ts'

const renameBody = z.object({ name: z.string() })

type Route = [string, RegExp, (asked: Asked, params: readonly string[]) => Answer]

export function membershipRoutes(world: World): Route[] {
  let isMember = true
  const answer = () => ({ status: 200, body: meshOf(world, isMember) })
  return [
    ['GET', /^\/api\/mesh$/, answer],
    [
      'POST',
      /^\/api\/mesh\/rename$/,
      ({ body }) => {
        world.change(world.snapshot().self.workerId, { hostname: renameBody.parse(body).name })
        return answer()
      },
    ],
    [
      'POST',
      /^\/api\/mesh\/leave$/,
      () => {
        isMember = false
        return answer()
      },
    ],
    [
      'POST',
      /^\/api\/mesh\/members\/([^/]+)\/remove$/,
      (_, [workerId = '']) => {
        world.remove(workerId)
        return answer()
      },
    ],
  ]
}

function meshOf(world: World, isMember: boolean) {
  const { self, workers } = world.snapshot()
  const members = workers.map(({ workerId, hostname, status }) => ({
    workerId,
    name: hostname,
    self: workerId === self.workerId,
    online: status !== 'offline',
  }))
  return {
    mesh: isMember ? { meshId: 'mesh-1', name: 'Home' } : null,
    self: { workerId: self.workerId, name: self.name },
    members: isMember ? members : members.filter(member => member.self),
    nearby: [],
    pairing: { state: 'idle' },
    problem: null,
  }
}
