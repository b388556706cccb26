import { type SettingProblem, settingsChange } from '../protocol/settings.ts'
import { readJson } from './body.ts'
import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { refuseOthers } from './own-mac.ts'
import { checkParameters } from './parameters.ts'
import type { SettingsPort } from './ports.ts'
import type { Handler, Routes } from './router.ts'

const maxBodyBytes = 64 << 10

/** `/api/settings` and `/api/restart`: for the owner of this Mac. */
export function settingsRoutes(settings: SettingsPort | null): Routes {
  return {
    'GET /api/settings': route((port, exchange) => exchange.json(200, port.read())),
    'PATCH /api/settings': route(async (port, exchange) => {
      const { changes } = checkParameters(settingsChange, {}, await readJson(exchange, maxBodyBytes))
      exchange.about = Object.keys(changes).join(', ').slice(0, 500)
      const problems = port.change(changes)
      if (problems.length === 0) exchange.json(200, port.read())
      else exchange.json(400, { error: errorOf(problems), problems })
    }),
    'POST /api/restart': route((port, exchange) => {
      const refusal = port.refusal()
      if (refusal !== null)
        throw new HttpError(400, 'invalid_configuration', `Nothing could start anew: ${refusal}`)
      // The answer goes out first: draining ends connections.
      exchange.res.once('close', () => port.restart())
      exchange.json(202, { status: 'restarting' })
    }),
  }

  function route(run: (port: SettingsPort, exchange: Exchange) => Promise<void> | void): Handler {
    return async exchange => {
      refuseOthers(exchange, 'Settings are only changed and shown')
      if (!settings) {
        const message =
          'Whoever started this Mac decides its settings: it was not started by "mlx-mesh serve".'
        throw new HttpError(409, 'no_settings', message)
      }
      await run(settings, exchange)
    }
  }
}

function errorOf(problems: readonly SettingProblem[]) {
  const message = problems.map(({ key, message }) => (key === '' ? message : `${key}: ${message}`)).join('\n')
  return {
    message: `Nothing was saved. ${message}`,
    type: 'invalid_request_error',
    param: problems[0]?.key || null,
    code: 'invalid_settings',
  }
}
