// What set-up has put under resources/runtime.
import { fileURLToPath } from 'node:url'

const atRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const repositoryFolder = atRoot('')
export const pythonBinary = atRoot('resources/runtime/python/bin/python')
export const pythonFolder = atRoot('python')
export const natsServerBinary = atRoot('resources/runtime/nats-server/nats-server')
export const headlessProgram = atRoot('main/headless.ts')
/** SmolLM2-135M-Instruct: a real model, slow on a CPU. */
export const starterModelFolder = atRoot('resources/runtime/models/SmolLM2-135M-Instruct')
/** A random two-layer llama: fast, so that what surrounds the model counts. */
export const tinyModelFolder = atRoot('resources/runtime/test-models/tiny')
