import type { Clock } from '../../protocol/clock.ts'
import type { Generate } from '../generate.ts'
import type { MeshView } from '../ports.ts'
import type { Routes } from '../router.ts'
import { planOllamaChat } from './chat.ts'
import { planOllamaEmbed, planOllamaEmbeddings } from './embed.ts'
import { planOllamaGenerate } from './generate.ts'
import { ollamaModelRoutes } from './models.ts'
import { ollamaRefusals } from './refused.ts'

interface OllamaOptions {
  readonly generate: Generate
  readonly view: MeshView
  readonly clock: Clock
}

export function ollamaRoutes({ generate, view, clock }: OllamaOptions): Routes {
  return {
    'POST /api/chat': generate(planOllamaChat(clock)),
    'POST /api/generate': generate(planOllamaGenerate(clock)),
    'POST /api/embed': generate(planOllamaEmbed),
    'POST /api/embeddings': generate(planOllamaEmbeddings),
    ...ollamaModelRoutes(view),
    ...ollamaRefusals,
  }
}
