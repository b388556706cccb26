import { z } from 'zod'
import { type Member, macName } from '../membership/roster.ts'
import { MeshError } from '../protocol/errors.ts'
import { readJson } from './body.ts'
import { HttpError, invalid } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { refuseOthers } from './own-mac.ts'
import { checkParameters } from './parameters.ts'
import type { MeshPort } from './ports.ts'
import type { Handler, Routes } from './router.ts'

const maxBodyBytes = 16 << 10
const joinBody = z.strictObject({
  code: z.string().min(1).max(256).optional(),
  address: z.string().min(1).max(256).optional(),
  nearby: z.string().min(1).max(64).optional(),
})
const confirmBody = z.strictObject({ match: z.boolean() })
const renameBody = z.strictObject({ name: z.string().trim().pipe(macName) })

/** `/api/mesh*`: every answer but an error is the mesh as it is then. */
export function meshRoutes(mesh: MeshPort | null): Routes {
  return {
    'GET /api/mesh': route(200, () => {}),
    'POST /api/mesh/invite': route(200, async ({ pairing }) => {
      await pairing.invite()
    }),
    'POST /api/mesh/join': route(202, async ({ pairing }, exchange) => {
      const { code, address, nearby } = await readBody(exchange, joinBody)
      if (nearby !== undefined && code === undefined && address === undefined) pairing.joinNearby(nearby)
      else if (code !== undefined && nearby === undefined) pairing.join(code, address ?? null)
      else throw invalid('code', "Expected 'code', with or without 'address', or else 'nearby'.")
    }),
    'POST /api/mesh/pairing/confirm': route(200, async ({ pairing }, exchange) => {
      pairing.confirm((await readBody(exchange, confirmBody)).match)
    }),
    'POST /api/mesh/pairing/cancel': route(200, ({ pairing }) => pairing.cancel()),
    'POST /api/mesh/leave': route(200, ({ membership }) => membership.leave()),
    'POST /api/mesh/rename': route(200, async ({ membership }, exchange) => {
      await membership.rename((await readBody(exchange, renameBody)).name)
    }),
    'POST /api/mesh/members/{workerId}/remove': route(200, async ({ membership }, exchange) => {
      const { workerId } = memberOf(membership.members(), exchange)
      if (workerId === membership.self().workerId)
        throw new MeshError('INVALID_REQUEST', 'A Mac does not remove itself: it leaves.', {
          param: 'workerId',
        })
      await membership.remove(workerId)
    }),
  }

  function route(status: number, run: (mesh: MeshPort, exchange: Exchange) => Promise<void> | void): Handler {
    return async exchange => {
      refuseOthers(exchange, 'The mesh is only changed and shown')
      if (!mesh)
        throw new MeshError(
          'INVALID_REQUEST',
          'Who belongs with this Mac is not decided here: it runs alone (mode standalone), or over an outside server (nats.server_url).',
        )
      await run(mesh, exchange)
      exchange.json(status, meshJson(mesh))
    }
  }
}

function meshJson({ membership, pairing, nearby, problem, isPresent, versionOf }: MeshPort) {
  const self = membership.self()
  return {
    mesh: membership.mesh(),
    self,
    members: inOrder(membership.members(), self).map(member => ({
      ...member,
      self: member.workerId === self.workerId,
      online: isPresent(member.workerId),
      version: versionOf(member.workerId),
    })),
    nearby: nearby(),
    pairing: pairing.state(),
    problem: problem(),
  }
}

/** This Mac first, the others by name. */
function inOrder(members: readonly Member[], self: Member): Member[] {
  const rank = ({ workerId, name }: Member) => (workerId === self.workerId ? '' : name)
  return [...members].sort((one, other) => rank(one).localeCompare(rank(other)))
}

function memberOf(members: readonly Member[], { params: [workerId = ''] }: Exchange): Member {
  const member = members.find(candidate => candidate.workerId === workerId)
  if (member) return member
  const message = `There is no Mac with the id '${workerId}' in this mesh.`
  throw new HttpError(404, 'member_not_found', message, { param: 'workerId' })
}

async function readBody<T>(exchange: Exchange, schema: z.ZodType<T>): Promise<T> {
  return checkParameters(schema, {}, await readJson(exchange, maxBodyBytes))
}
