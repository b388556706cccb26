// What nats-server must know to be joined to the other members and to nobody else.
import type { RouteAddress, RouteSettings } from '../fabric/nats-config.ts'
import type { Mesh } from './mesh-file.ts'
import { membersOf } from './roster.ts'

export interface Listener {
  readonly workerId: string
  readonly clusterName: string
  readonly host: string
  readonly port: number
}

/** `routes`: where the other servers are now. */
export async function routeSettings(
  mesh: Mesh,
  { workerId, clusterName, host, port }: Listener,
  routes: readonly RouteAddress[],
): Promise<RouteSettings> {
  // Loaded where there is a mesh: its library takes 100 ms, which a Mac alone need not wait for at each start.
  const { issueAuthority, issueCertificate, vouchForAuthority } = await import('./certificates.ts')
  const secret = mesh.roster.secret.value
  const before = mesh.previous.map(({ secret }) => secret)
  const [certificate, authority, ...more] = await Promise.all([
    issueCertificate(secret, mesh.key),
    issueAuthority(secret),
    // A member that was asleep when the secret was changed knows only the old one, and must believe us.
    ...before.map(old => vouchForAuthority(secret, old)),
    ...before.map(issueAuthority),
  ])
  const vouched = more.slice(0, before.length)
  const old = more.slice(before.length)
  return {
    serverName: workerId,
    clusterName,
    host,
    port,
    routes,
    certificate: [certificate, ...vouched].join('\n'),
    key: mesh.key,
    authorities: [authority, ...old].join('\n'),
    pinnedKeys: membersOf(mesh.roster).map(({ key }) => key),
  }
}
