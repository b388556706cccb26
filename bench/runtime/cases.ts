import { starterModelFolder, tinyModelFolder } from '../programs/places.ts'

/** One model, and how much to ask of it. */
export interface ModelCase {
  readonly modelId: string
  readonly folder: string
  readonly maxTokens: number
  /** Of the streams that decode while another request arrives. */
  readonly backgroundTokens: number
  readonly lateArrivals: number
  /** Least tokens/s against mlx_lm.server, by streams. */
  readonly targets: Readonly<Record<number, number>>
}

export const concurrencies = [1, 4, 16]
export const backgroundStreams = 4

export const modelCases: readonly ModelCase[] = [
  {
    modelId: 'tiny',
    folder: tinyModelFolder,
    maxTokens: 128,
    backgroundTokens: 1_000,
    lateArrivals: 6,
    targets: { 1: 1, 4: 1.1, 16: 1.1 },
  },
  {
    modelId: 'SmolLM2-135M-Instruct',
    folder: starterModelFolder,
    maxTokens: 32,
    backgroundTokens: 400,
    lateArrivals: 3,
    targets: { 1: 0.98, 4: 0.98, 16: 0.98 },
  },
]
