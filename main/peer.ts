// Builds one installed copy from its configuration, starts the rooms that its roles need, stops them in reverse.
import { loadModel, pinModel, removeModel, setSharing, unloadModel } from './cluster/commands.ts'
import { askForLog, giveLog } from './cluster/log-tail.ts'
import { openPeers, type Peers } from './cluster/peers.ts'
import { type ClusterView, createClusterView } from './cluster/view.ts'
import { isLoopback } from './config/addresses.ts'
import { readAppToken } from './config/app-token.ts'
import type { Config } from './config/config.ts'
import { dataPaths } from './config/data-folder.ts'
import { readIdentity } from './config/identity.ts'
import type { LoadedConfig, LoadOptions } from './config/load-config.ts'
import { parts } from './config/parts.ts'
import { openSavedSettings } from './config/saved-settings.ts'
import type { Patient } from './doctor/finding.ts'
import type { Doctor } from './doctor/open-doctor.ts'
import { openEngine } from './engine/open-engine.ts'
import { createWorkerChoice } from './gateway/choose-worker.ts'
import { receiveAnswers } from './gateway/incoming-answers.ts'
import { createInfer } from './gateway/infer.ts'
import type { DoctorPort, SettingsPort } from './gateway/ports.ts'
import { openStoredResponses } from './gateway/responses/stored-responses.ts'
import { routingPolicy } from './gateway/routing-policy.ts'
import { createGateway } from './gateway/server.ts'
import { shareRuns } from './gateway/share-runs.ts'
import { workerFigures } from './gateway/worker-figures.ts'
import { hubEnvironment } from './hub/open-hub.ts'
import { openMesh } from './membership/open-mesh.ts'
import { openEntrance } from './open-entrance.ts'
import { realClock } from './protocol/clock.ts'
import { makeGatewayId, subjects } from './protocol/subjects.ts'
import { openHistory } from './telemetry/history.ts'
import type { Log } from './telemetry/log.ts'
import { openMetrics } from './telemetry/metrics.ts'
import { openTracing } from './telemetry/tracing.ts'
import { createSignalReader } from './worker/sharing-signals.ts'
import { loadUntilReady, startWorker, type Worker } from './worker/start-worker.ts'

export interface PeerOptions {
  readonly config: Config
  readonly log: Log
  /** `mlx`, or `scripted` with an optional script behind a colon. */
  readonly engine: string
  readonly version: string
  /** What `serve` offers beyond: settings, and a new start; null: neither is offered. */
  readonly house?: PeerHouse | null
  /** Seals what it keeps of its mesh, with 32 bytes; null: that lies open, for its owner alone. */
  readonly meshKey?: Uint8Array | null
}

/** Where the configuration came from, and the loop that the peer runs in. */
export interface PeerHouse {
  readonly loaded: LoadedConfig
  readonly layers: LoadOptions
  /** What its owner should know of this start. */
  readonly notes: readonly string[]
  restart(): void
}

export interface Peer {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** Models on this machine's disk. */
  modelIds(): readonly string[]
  /** Resolves when the model answers at once; rejects with MeshError. */
  loadModel(modelId: string): Promise<void>
  /** Lets running answers end for so long, then ends everything that the peer started. */
  stop(graceMs: number): Promise<void>
}

type Stop = (graceMs: number) => Promise<void> | void

const clock = realClock
const gibibyte = 2 ** 30
/** What copies of models leave free on the disk. */
const spareDiskBytes = 2 * gibibyte
/** What a server on loopback answers in far less time. */
const flushTimeoutMs = 5000
const pingTimeoutMs = 1000
const nothing = new Uint8Array(0)

/** Rejects when a part cannot start, and leaves nothing running. */
export async function startPeer({
  config,
  log,
  engine: engineName,
  version,
  house = null,
  meshKey = null,
}: PeerOptions): Promise<Peer> {
  const running: Stop[] = []
  /** Looked at again and again: what its owner changes holds at once. */
  const sharing = { ...config.sharing }
  const stop = async (graceMs: number) => {
    const endMs = performance.now() + graceMs
    for (const end of running.splice(0).reverse()) await end(Math.max(0, endMs - performance.now()))
  }
  try {
    const { workerId, name = null } = readIdentity(config.dataFolder)
    const self = { workerId, epoch: clock.now() }
    const tracing = await openTracing({ settings: config.monitoring.tracing, workerId, version, log })
    running.push(() => tracing?.close())
    let peers: Peers | null = null
    const mesh = await openMesh({
      config,
      ...self,
      name,
      version,
      meshKey,
      isLeader: () => peers?.leader()?.workerId === workerId,
      clock,
      log,
      started: end => running.push(end),
    })
    const { bus } = mesh
    peers = openPeers({
      bus,
      clock,
      log,
      heartbeatIntervalMs: config.discovery.heartbeat_interval_ms,
      offlineTimeoutMs: config.discovery.offline_timeout_ms,
      self: () => ({ workerId, version, mode: config.mode, ...mesh.self() }),
      onBeat: mesh.heard,
      onSilent: silent => view.lost(silent),
    })
    running.push(() => peers?.close())
    const logFile = config.monitoring.logging.file ?? dataPaths(config.dataFolder).logFile
    running.push(giveLog({ bus, workerId, file: logFile, log }))
    const view: ClusterView = createClusterView({
      bus,
      clock,
      log,
      offlineTimeoutMs: config.discovery.offline_timeout_ms,
      self,
    })
    running.push(() => view.close())
    const metrics = openMetrics(() => view.workers().map(workerFigures))
    const membership = mesh.members?.membership
    membership?.onChange(() => {
      const members = new Set(membership.members().map(member => member.workerId))
      view.retain(id => id === workerId || members.has(id))
      view.announce() // every worker says again what it is called
    })

    let worker: Worker | null = null
    let ownUrl: string | undefined
    // Stopped behind the gateway, although the gateway starts first: its address belongs to the registration.
    running.push(graceMs => worker?.stop(graceMs))
    const gateway = await openGateway()
    // Its own programs find it on loopback, also where other machines reach it at another address.
    const host = isLoopback(gateway.host) ? gateway.host : '127.0.0.1'
    ownUrl = `http://${urlHost(host)}:${gateway.port}`
    if (config.mode !== 'controller') worker = await openWorker(gateway.port)
    // First of all the others are told, so that they take over while our own clients' answers end.
    running.push(() => worker?.leave())
    // Everything said before has been heard when this returns, so the first request finds its worker.
    await bus.flush(flushTimeoutMs)
    log.info('the peer has started', { version, workerId, mode: config.mode, port: gateway.port })
    return {
      url: ownUrl,
      modelIds: () => worker?.models.list().map(model => model.modelId) ?? [],
      loadModel: async modelId => {
        if (worker) await loadUntilReady(worker.models, modelId)
      },
      stop,
    }

    async function openGateway(): Promise<{ host: string; port: number }> {
      const history = openHistory({
        file: dataPaths(config.dataFolder).historyFile,
        ttlHours: config.dashboard.historical_metrics_ttl_hours,
        clock,
        log,
      })
      running.push(() => history.close())
      const responses = openStoredResponses({
        file: dataPaths(config.dataFolder).responsesFile,
        clock,
        log,
      })
      running.push(() => responses.close())
      const gatewayId = makeGatewayId(workerId, self.epoch)
      const answers = receiveAnswers({ gatewayId, bus, clock, log })
      running.push(() => answers.close())
      const choice = createWorkerChoice({
        view,
        activeOn: answers.activeOn,
        policy: routingPolicy(config),
        selfId: workerId,
        clock,
        log,
      })
      const entrance = await openEntrance({ config, mesh, clock, log, started: end => running.push(end) })
      const door = createGateway({
        ...entrance,
        infer: shareRuns(createInfer(choice, answers, { view, clock, tracing })),
        view,
        commands: {
          loadModel: (id, modelId) => loadModel(bus, view, id, modelId),
          unloadModel: (id, modelId) => unloadModel(bus, id, modelId),
          pinModel: (id, modelId, pinned) => pinModel(bus, id, modelId, pinned),
          removeModel: (id, modelId) => removeModel(bus, id, modelId),
          setSharing: (id, order) => setSharing(bus, id, order),
        },
        readLog: (id, limit) => askForLog(bus, id, limit),
        ping: id => bus.request(subjects.ping(id), nothing, pingTimeoutMs),
        history,
        responses,
        metrics,
        tracing,
        clock,
        log,
        identity: { workerId, name: () => mesh.self().name, version, mode: config.mode },
        mesh: mesh.members && {
          ...mesh.members,
          versionOf: id => peers?.present().find(peer => peer.workerId === id)?.version ?? null,
          isPresent: id => peers?.present().some(peer => peer.workerId === id) ?? false,
        },
        settings: openSettings(),
        doctor: house && openDoctorPort(house.layers),
        leader: () => {
          const leader = peers?.leader()
          return leader ? { workerId: leader.workerId, name: leader.name } : null
        },
        bindAddress: config.controller.bind_address,
        port: config.controller.port,
        dashboardPort: config.controller.dashboard_port,
        metricsPort: config.monitoring.metrics.prometheus_port,
        cors: { enabled: config.controller.api.cors_enabled, origins: config.controller.api.cors_origins },
        allowedHosts: config.controller.api.allowed_hosts,
        ownHosts: entrance.ownHosts,
        appToken: readAppToken(config.dataFolder),
        pageFolder: config.dashboard.enabled ? parts.page : null,
        refreshIntervalMs: config.dashboard.refresh_interval_ms,
        catalog: {
          memoryBudgetGB: config.models.memory_budget_gb,
          downloads: config.models.download.enabled,
        },
        exportMetrics: config.monitoring.metrics.enabled,
        images: { allowed: config.models.images.allow_urls },
      })
      running.push(graceMs => door.close(graceMs))
      return door.listen()
    }

    function openDoctorPort(layers: LoadOptions): DoctorPort {
      const patient: Patient = {
        env: layers.env ?? process.env,
        layers,
        isSelf: true,
        get url() {
          return ownUrl
        },
      }
      // A start does not wait for what is seldom asked for.
      let opened: Promise<Doctor> | null = null
      const doctor = () => {
        opened ??= import('./doctor/open-doctor.ts').then(({ openDoctor }) => openDoctor(patient, clock))
        return opened
      }
      return {
        checks: async () => (await doctor()).checks(),
        look: async id => (await doctor()).look(id),
        mend: async id => (await doctor()).mend(id),
        diagnostics: async () => {
          const { makeDiagnostics } = await import('./doctor/diagnostics.ts')
          return makeDiagnostics({ patient, doctor: await doctor(), version })
        },
      }
    }

    function openSettings(): SettingsPort | null {
      if (!house) return null
      const saved = openSavedSettings({ ...house, apply: next => Object.assign(sharing, next.sharing) })
      return { ...saved, restart: house.restart }
    }

    async function openWorker(port: number): Promise<Worker> {
      const logPrompts = config.monitoring.logging.prompts
      const { models, vision } = dataPaths(config.dataFolder)
      const modelFolders = [parts.models, models]
      const { enabled, strategy, max_cache_gb_per_worker } = config.models.cache_coordination
      const maxBytes = enabled && strategy === 'distributed' ? max_cache_gb_per_worker * gibibyte : null
      const opened = openEngine(engineName, {
        ...{ clock, log, parts, modelFolders, logPrompts },
        visionPackages: vision,
      })
      const { engine, catalog, knowsModelType } = opened
      return startWorker({
        identity: {
          ...self,
          // Read at each registration: a Mac is given another name, and its address changes.
          get hostname() {
            return mesh.self().name
          },
          get ip() {
            return mesh.self().route?.addresses[0] ?? config.controller.bind_address
          },
          port,
          priority: 50,
        },
        copies: { folder: models, maxBytes, spareBytes: spareDiskBytes },
        engine,
        catalog,
        download: config.models.download.enabled ? { ...hubEnvironment(process.env), knowsModelType } : null,
        pinsFile: dataPaths(config.dataFolder).pinsFile,
        maxLoaded: config.models.max_loaded,
        memoryBudgetBytes: config.models.memory_budget_gb * gibibyte,
        tiers: config.models.tier_preferences,
        sharing: {
          settings: sharing,
          file: dataPaths(config.dataFolder).sharingFile,
          readSignals: createSignalReader(sharing, clock),
        },
        observers: { tracing, figures: metrics },
        heartbeatIntervalMs: config.discovery.heartbeat_interval_ms,
        metricsIntervalMs: config.monitoring.metrics.export_interval_ms,
        bus,
        clock,
        log,
      })
    }
  } catch (error) {
    await stop(0)
    throw error
  }
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
