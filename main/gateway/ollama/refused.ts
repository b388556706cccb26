import { HttpError } from '../errors.ts'
import type { Routes } from '../router.ts'

/** What Ollama does to its models over HTTP, a Mac does when its owner asks for it in the app. */
export const ollamaRefusals: Routes = Object.fromEntries(
  [
    ['POST /api/pull', 'Models are not downloaded'],
    ['POST /api/push', 'Models are not uploaded'],
    ['POST /api/create', 'Models are not made'],
    ['POST /api/copy', 'Models are not copied'],
    ['DELETE /api/delete', 'Models are not removed'],
    ['GET /api/blobs/{digest}', 'Files of models are not kept'],
    ['POST /api/blobs/{digest}', 'Files of models are not taken'],
  ].map(([route, what]) => [
    route,
    refuse(`${what} over this interface: open MLX Mesh to manage its models.`),
  ]),
)

function refuse(message: string) {
  return () => {
    throw new HttpError(501, 'not_implemented', message)
  }
}
