// The answers of a peer's HTTP interface, as far as the commands read them.
import { z } from 'zod'
import { recordedChoice } from '../protocol/choices.ts'
import { modelStatus } from '../protocol/models.ts'
import { hardware, sharing, workerMetrics, workerStatus } from '../protocol/workers.ts'

export const health = z.looseObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  workerId: z.string(),
  uptime: z.number(),
})

export const clusterStatus = z.looseObject({
  controller: z.looseObject({ version: z.string(), uptime: z.number(), mode: z.string() }),
  workers: z.looseObject({ total: z.number(), online: z.number(), offline: z.number() }),
  models: z.looseObject({ loaded: z.array(z.string()) }),
  requests: z.looseObject({ active: z.number(), total: z.number(), successRate: z.number().nullable() }),
})
export type ClusterStatus = z.infer<typeof clusterStatus>

export const workerRecord = z.looseObject({
  workerId: z.string(),
  hostname: z.string(),
  status: workerStatus,
  hardware: hardware.partial(),
  /** Null before its first heartbeat. */
  metrics: workerMetrics.partial().nullable(),
  /** Null before its first heartbeat. */
  sharing: sharing.nullable(),
  /** Every model on the disk of this Mac, or on its way there. */
  models: z.array(modelStatus),
})
export type WorkerRecord = z.infer<typeof workerRecord>

/** The answer to an order about sharing. */
export const sharingNow = z.looseObject({ sharing })

export const workerRecords = z.array(workerRecord)

export const requestRecord = z.looseObject({
  requestId: z.string(),
  modelId: z.string(),
  status: z.string(),
  errorCode: z.string().nullable(),
  latencyMs: z.number(),
  choices: z.array(recordedChoice).nullable(),
})
export type RequestRecord = z.infer<typeof requestRecord>

const meshModel = z.looseObject({
  id: z.string(),
  mesh: z.looseObject({ contextTokens: z.number(), sizeBytes: z.number() }),
})
export type MeshModel = z.infer<typeof meshModel>

/** `GET /v1/models`: what any Mac of the mesh can answer with. */
export const modelList = z.looseObject({ data: z.array(meshModel) })

export const apiKey = z.looseObject({
  id: z.string(),
  name: z.string(),
  end: z.string(),
  scopes: z.array(z.string()),
  models: z.array(z.string()).nullable(),
  requestsPerMinute: z.number().nullable(),
  tokensPerMinute: z.number().nullable(),
  expiresAtMs: z.number().nullable(),
  isExpired: z.boolean(),
  use: z
    .looseObject({
      lastUsedAtMs: z.number(),
      days: z.array(
        z.looseObject({ requests: z.number(), promptTokens: z.number(), completionTokens: z.number() }),
      ),
    })
    .nullable(),
})
export type ApiKey = z.infer<typeof apiKey>

export const auditEntry = z.looseObject({
  timestamp: z.number(),
  who: z.looseObject({ kind: z.string(), name: z.string().nullable(), address: z.string() }),
  action: z.string(),
  about: z.string().nullable(),
  outcome: z.string(),
  status: z.number(),
})
export type AuditEntry = z.infer<typeof auditEntry>

/** OpenAI's envelope, and whatever else has a message. */
export const errorAnswer = z.looseObject({ error: z.looseObject({ message: z.string() }) })
