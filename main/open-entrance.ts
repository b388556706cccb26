// What stands at the door of a peer, by its configuration: keys, tokens, budgets, the audit log, the certificate.
import { type Access, createAccess } from './access/access.ts'
import { type Audit, openAudit } from './access/audit.ts'
import {
  type DoorCertificate,
  openCertificateFiles,
  openIssuedCertificate,
  ownNames,
} from './access/door-certificate.ts'
import { createJwtCheck } from './access/jwt.ts'
import { type KeyRing, openKeyRing } from './access/key-ring.ts'
import { isLoopback } from './config/addresses.ts'
import type { Config } from './config/config.ts'
import { dataPaths } from './config/data-folder.ts'
import type { OpenMesh } from './membership/open-mesh.ts'
import type { Clock } from './protocol/clock.ts'
import { MeshError } from './protocol/errors.ts'
import type { Log } from './telemetry/log.ts'

export interface OpenEntrance {
  readonly access: Access
  readonly keys: KeyRing
  readonly audit: Audit
  readonly certificate: DoorCertificate | null
  /** What other machines call this Mac; none where they cannot reach it. */
  readonly ownHosts: readonly string[]
}

export interface EntranceParts {
  readonly config: Config
  readonly mesh: OpenMesh
  readonly clock: Clock
  readonly log: Log
  /** Called with what ends each part, in the order in which they were started. */
  readonly started: (stop: () => Promise<void> | void) => void
}

/** Rejects with MeshError when a file that the configuration names, or the one with the keys, cannot be used. */
export async function openEntrance(parts: EntranceParts): Promise<OpenEntrance> {
  try {
    return await openParts(parts)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MeshError('INVALID_REQUEST', `The endpoint cannot be opened: ${reason}`, { cause: error })
  }
}

async function openParts({ config, mesh, clock, log, started }: EntranceParts): Promise<OpenEntrance> {
  const { bind_address: address, api } = config.controller
  const paths = dataPaths(config.dataFolder)
  const keys = openKeyRing({ file: paths.apiKeysFile, usageFile: paths.apiKeyUsageFile, clock, log })
  started(() => keys.close())
  const audit = openAudit(paths.auditFile, log)
  started(() => audit.close())
  const { enabled, requests_per_minute, tokens_per_minute } = api.rate_limit
  const access = createAccess({
    keys,
    verifyJwt: createJwtCheck(api.jwt, clock, log),
    requireKey: api.require_key,
    allowedAddresses: api.allowed_addresses,
    rateLimit: enabled
      ? { requestsPerMinute: requests_per_minute, tokensPerMinute: tokens_per_minute }
      : null,
    clock,
  })
  const isOpen = !isLoopback(address)
  const certificate = isOpen ? await openCertificate({ config, mesh, clock, log, started }) : null
  return { access, keys, audit, certificate, ownHosts: isOpen ? ownNames().hosts : [] }
}

async function openCertificate({
  config,
  mesh,
  clock,
  log,
  started,
}: EntranceParts): Promise<DoorCertificate | null> {
  const { bind_address: address, tls } = config.controller
  if (!tls.enabled) {
    const message = `Other machines reach this Mac at ${address} without TLS (controller.tls.enabled is false): whoever is in between reads their keys and prompts, unless a proxy of yours speaks TLS with them.`
    log.warn(message)
    return null
  }
  if (tls.cert_file !== null && tls.key_file !== null) {
    const certificate = openCertificateFiles(tls.cert_file, tls.key_file, { clock, log })
    started(() => certificate.close())
    return certificate
  }
  const { authorityFile } = dataPaths(config.dataFolder)
  const certificate = await openIssuedCertificate(mesh.issueForDoor, authorityFile, { clock, log })
  started(() => certificate.close())
  // The authority is that of the mesh, and changes with its secret.
  mesh.members?.membership.onChange(() => {
    certificate
      .look()
      .catch(error => log.error('the certificate of the door could not be renewed', { error }))
  })
  log.info('other machines speak TLS with this Mac', { authority: authorityFile })
  return certificate
}
