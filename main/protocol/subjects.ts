// Every NATS subject of the mesh. A worker id and a request id are made of [A-Za-z0-9_-]; a request id also
// carries its gateway's id in front of a dot, so that one subscription receives all answers of a gateway.

export const subjects = {
  register: 'worker.register',
  heartbeat: 'worker.heartbeat',
  inference: (workerId: string) => `worker.${workerId}.inference`,
  /** Announces a request that is longer than a message: its body is asked for part by part. */
  largeInference: (workerId: string) => `worker.${workerId}.large`,
  body: (requestId: string) => `body.${requestId}`,
  bodiesOf: (gatewayId: string) => `body.${gatewayId}.*`,
  cancel: (workerId: string) => `worker.${workerId}.cancel`,
  /** Acknowledgements of answers; sent as a request it is a probe that also asks for a resend. */
  acknowledge: (workerId: string) => `worker.${workerId}.ack`,
  response: (requestId: string) => `response.${requestId}`,
  responsesOf: (gatewayId: string) => `response.${gatewayId}.*`,
  modelLoad: (workerId?: string) => scoped('model.load', workerId),
  modelUnload: (workerId?: string) => scoped('model.unload', workerId),
  modelPin: (workerId: string) => scoped('model.pin', workerId),
  /** From its disk. */
  modelRemove: (workerId: string) => scoped('model.remove', workerId),
  modelStatus: 'model.status',
  /** What there is of a model on a Mac, and bytes of its files, for a Mac that copies it. */
  modelFiles: (workerId: string) => scoped('model.files', workerId),
  modelRead: (workerId: string) => scoped('model.read', workerId),
  /** The owner's orders: share, pause. */
  sharing: (workerId: string) => `worker.${workerId}.sharing`,
  healthCheck: (workerId?: string) => scoped('health.check', workerId),
  healthResponse: 'health.response',
  metricsReport: 'metrics.report',
  announce: 'cluster.announce',
  /** Each second, of every peer, also of one that runs nothing. */
  peer: 'cluster.peer',
  /** Answered by that peer with nothing: it is there. */
  ping: (workerId: string) => `cluster.ping.${workerId}`,
  /** Answered by that peer with the end of its log. */
  logTail: (workerId: string) => `cluster.log.${workerId}`,
  /** The members of the mesh, as the sender knows them. */
  roster: 'cluster.roster',
  shutdown: 'cluster.shutdown',
} as const

/** One run of a peer has one gateway, whose name begins with the peer's: a worker knows its own. */
export function makeGatewayId(workerId: string, epoch: number): string {
  return `${workerId}-${epoch.toString(36)}`
}

/** Whether a request comes from the gateway of the worker's own Mac. */
export function isFromGatewayOf(workerId: string, requestId: string): boolean {
  return requestId.startsWith(`${workerId}-`)
}

/** `{gatewayId}.{serial}`: unique while the gateway lives, and its own address. */
export function makeRequestId(gatewayId: string, serial: number): string {
  return `${gatewayId}.${serial.toString(36)}`
}

/** The request id at the end of `response.{requestId}` or `body.{requestId}`. */
export function requestIdOf(subject: string): string {
  return subject.slice(subject.indexOf('.') + 1)
}

function scoped(subject: string, workerId: string | undefined): string {
  return workerId === undefined ? subject : `${subject}.${workerId}`
}
