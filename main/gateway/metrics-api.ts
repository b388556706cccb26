import type { Metrics } from '../telemetry/metrics.ts'
import { HttpError } from './errors.ts'
import type { Routes } from './router.ts'

/** `GET /metrics`: for Prometheus, unless switched off. */
export function metricsRoutes(metrics: Metrics, exported: boolean): Routes {
  return {
    'GET /metrics': async exchange => {
      if (!exported)
        throw new HttpError(404, 'metrics_off', 'Metrics are off: monitoring.metrics.enabled is false.')
      exchange.send(200, metrics.contentType, await metrics.text())
    },
  }
}
