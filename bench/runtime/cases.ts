import { starterModelFolder, tinyModelFolder } from '../programs/places.ts'

/** One model, and how much to ask of it. */
export interface ModelCase {
  readonly modelId: string
  readonly folder: string
  /** Of each stream, by their number: about as long in all. */
  readonly maxTokens: Readonly<Record<number, number>>
  /** Rounds of a fast model are short and noisy, so there are more of them. */
  readonly repeats: number
  /** Of the streams that decode while another request arrives. */
  readonly backgroundTokens: number
  readonly lateArrivals: number
  /** Least tokens/s against mlx_lm.server, by streams. */
  readonly targets: Readonly<Record<number, number>>
}

export const concurrencies = [1, 4, 16]
export const backgroundStreams = 4

export function streamsText(streams: number): string {
  return streams === 1 ? '1 stream' : `${streams} streams`
}

export const modelCases: readonly ModelCase[] = [
  {
    modelId: 'tiny',
    folder: tinyModelFolder,
    maxTokens: { 1: 512, 4: 256, 16: 128 },
    repeats: 3,
    backgroundTokens: 1_000,
    lateArrivals: 6,
    targets: { 1: 1, 4: 1.1, 16: 1.1 },
  },
  {
    modelId: 'SmolLM2-135M-Instruct',
    folder: starterModelFolder,
    maxTokens: { 1: 48, 4: 32, 16: 24 },
    repeats: 1,
    backgroundTokens: 400,
    lateArrivals: 3,
    targets: { 1: 0.98, 4: 0.98, 16: 0.98 },
  },
]
