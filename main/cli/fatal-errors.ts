import type { OpenLog } from '../telemetry/open-log.ts'

/** Bugs that nobody caught: logged at once; `happened` rejects at the first of them, and the peer is to stop. */
export function watchFatalErrors(log: OpenLog): { readonly happened: Promise<never>; release(): void } {
  const happened = Promise.withResolvers<never>()
  // Nobody may be waiting at that moment.
  happened.promise.catch(() => {})
  const onError = (error: unknown) => {
    log.error('an error that nobody caught: the peer stops', { error })
    log.flushNow()
    process.stderr.write(`mlx-mesh: an error that nobody caught; the peer stops. See ${log.file}\n`)
    happened.reject(error)
  }
  process.on('uncaughtException', onError)
  return {
    happened: happened.promise,
    release: () => process.off('uncaughtException', onError),
  }
}
