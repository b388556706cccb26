// `/api/mesh*` of a canned peer.
import { z } from 'zod'
import type { CannedMesh, Refused } from './canned-mesh.ts'
import type { Answer, Asked, Route } from './canned-routes.ts'

const confirmBody = z.object({ match: z.boolean() })
const renameBody = z.object({ name: z.string().trim().min(1).max(64) })

export function meshRoutes(mesh: CannedMesh): Route[] {
  return [
    ['GET', /^\/api\/mesh$/, () => answer(200, null)],
    order('invite', 200, () => {
      mesh.invite()
      return null
    }),
    order('join', 202, body => mesh.join(body)),
    order('pairing/confirm', 200, body => mesh.confirm(confirmBody.parse(body).match)),
    order('pairing/cancel', 200, () => {
      mesh.cancel()
      return null
    }),
    order('rename', 200, body => {
      const named = renameBody.safeParse(body)
      if (!named.success) return { status: 400, message: "'name': expected 1 to 64 characters." }
      mesh.rename(named.data.name)
      return null
    }),
    order('leave', 200, () => {
      mesh.leave()
      return null
    }),
    [
      'POST',
      /^\/api\/mesh\/members\/([^/]+)\/remove$/,
      (_, [workerId = '']) => {
        mesh.remove(workerId)
        return answer(200, null)
      },
    ],
  ]

  function order(name: string, status: number, run: (body: unknown) => Refused | null): Route {
    return [
      'POST',
      new RegExp(`^/api/mesh/${name}$`),
      ({ body }: Asked) => {
        mesh.note(name, body)
        return answer(status, run(body))
      },
    ]
  }

  function answer(status: number, refused: Refused | null): Answer {
    if (!refused) return { status, body: mesh.answer() }
    const error = {
      message: refused.message,
      type: 'invalid_request_error',
      param: null,
      code: 'PAIRING_FAILED',
    }
    return { status: refused.status, body: { error } }
  }
}
