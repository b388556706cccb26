// What set-up has put under resources/runtime, for tests on real parts.
import { fileURLToPath } from 'node:url'

const atRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const pythonBinary = atRoot('resources/runtime/python/bin/python')
/** Holds the package `mlx_mesh_runtime`. */
export const pythonFolder = atRoot('python')
export const natsServerBinary = atRoot('resources/runtime/nats-server/nats-server')
/** SmolLM2-135M-Instruct: answers sensibly, slowly. */
export const starterModelFolder = atRoot('resources/runtime/models/SmolLM2-135M-Instruct')
/** A random two-layer llama: fast nonsense. */
export const tinyModelFolder = atRoot('resources/runtime/test-models/tiny')
/** all-MiniLM-L6-v2: vectors of 384 numbers, of texts of up to 256 tokens. */
export const embeddingModelFolder = atRoot('resources/runtime/test-models/all-MiniLM-L6-v2')
/** A random LLaVA on top of the tiny model. */
export const visionModelFolder = atRoot('resources/runtime/test-models/tiny-vision')
/** The layer with which it sees. */
export const visionLayerFolder = atRoot('resources/runtime/vision')
/** With the tools and clients that only tests need. */
export const pythonDevBinary = atRoot('resources/runtime/python-dev/bin/python')
/** With the clients that people point at the endpoint. */
export const pythonClientsBinary = atRoot('resources/runtime/python-clients/bin/python')
