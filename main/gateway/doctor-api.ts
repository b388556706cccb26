import { HttpError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { refuseOthers } from './own-mac.ts'
import type { DoctorPort } from './ports.ts'
import type { Handler, Routes } from './router.ts'

/** `/api/doctor*` and `/api/diagnostics`: what is broken on this Mac, and a hand with what can be mended from here. */
export function doctorRoutes(doctor: DoctorPort | null): Routes {
  return {
    'GET /api/doctor': route(async (port, exchange) => exchange.json(200, await port.checks())),
    'GET /api/doctor/{check}': finding((port, id) => port.look(id)),
    'POST /api/doctor/{check}/mend': finding((port, id) => port.mend(id)),
    'GET /api/diagnostics': route(async (port, exchange) => {
      const bundle = Buffer.from(await port.diagnostics())
      exchange.send(200, 'application/zip', bundle, [
        'content-disposition',
        'attachment; filename="mlx-mesh-diagnostics.zip"',
      ])
    }),
  }

  function finding(ask: (port: DoctorPort, id: string) => ReturnType<DoctorPort['look']>): Handler {
    return route(async (port, exchange) => {
      const [id = ''] = exchange.params
      const found = await ask(port, id)
      if (found) return exchange.json(200, found)
      throw new HttpError(404, 'check_not_found', `The doctor has no check '${id}'.`, { param: 'check' })
    })
  }

  function route(run: (port: DoctorPort, exchange: Exchange) => Promise<void> | void): Handler {
    return async exchange => {
      refuseOthers(exchange, 'What the doctor finds is only shown and mended')
      if (!doctor)
        throw new HttpError(
          409,
          'no_doctor',
          'Nobody looks after this Mac: it was not started by "mlx-mesh serve".',
        )
      await run(doctor, exchange)
    }
  }
}
