// When a serving process has to stop: signals, the word of the app that owns it, and the end of a parent.
import { hearOwner } from '../process/owner-channel.ts'

export interface StopSignals {
  /** Resolves once, with the reason: a signal, or `the app quits`. */
  readonly asked: Promise<string>
  /** Resolves when the user presses Ctrl-C a second time. */
  readonly insisted: Promise<void>
  release(): void
}

/** Why a core stops whose app was told to quit. */
export const appQuits = 'the app quits'

/** Ctrl-C reaches the whole process group, and a parent may pass it on: only one that comes later insists. */
const insistAfterMs = 400

export function watchStopSignals(env: Readonly<Record<string, string | undefined>>): StopSignals {
  const asked = Promise.withResolvers<string>()
  const insisted = Promise.withResolvers<void>()
  let askedAtMs: number | null = null

  const onSignal = (signal: NodeJS.Signals | typeof appQuits) => {
    if (askedAtMs === null) {
      askedAtMs = performance.now()
      asked.resolve(signal)
    } else if (signal === 'SIGINT' && performance.now() - askedAtMs > insistAfterMs) insisted.resolve()
  }
  const onDisconnect = () => onSignal('SIGTERM')

  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  let hearNoMore = () => {}
  if (env['MLX_MESH_PARENT'] === '1') {
    hearNoMore = hearOwner(({ type }) => type === 'stop' && onSignal(appQuits))
    if (process.connected === false) onDisconnect()
    process.once('disconnect', onDisconnect)
  }
  return {
    asked: asked.promise,
    insisted: insisted.promise,
    release() {
      for (const signal of signals) process.off(signal, onSignal)
      process.off('disconnect', onDisconnect)
      hearNoMore()
    },
  }
}
