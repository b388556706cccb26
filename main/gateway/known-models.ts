// Models that a newcomer may choose from, the best answers first. All answer right away, without a text of thoughts before it.
// Sizes are those of their weights at the hub.

export interface KnownModel {
  readonly modelId: string
  readonly title: string
  /** What it is good at, in a few words. */
  readonly summary: string
  readonly sizeBytes: number
}

/** Comes with the app. */
export const starterModel: KnownModel = {
  modelId: 'SmolLM2-135M-Instruct',
  title: 'SmolLM2 135M',
  summary: 'Comes with the app, to try things out at once',
  sizeBytes: 115_231_651,
}

export const knownModels: readonly KnownModel[] = [
  {
    modelId: 'mlx-community/Qwen3-Next-80B-A3B-Instruct-4bit',
    title: 'Qwen3 Next 80B',
    summary: 'The best answers here, and fast for its size',
    sizeBytes: 44_800_000_000,
  },
  {
    modelId: 'mlx-community/Llama-3.3-70B-Instruct-4bit',
    title: 'Llama 3.3 70B',
    summary: 'Thorough and well-read, but slow',
    sizeBytes: 39_700_000_000,
  },
  {
    modelId: 'mlx-community/Qwen3-30B-A3B-Instruct-2507-4bit',
    title: 'Qwen3 30B',
    summary: 'Strong at nearly everything, and fast',
    sizeBytes: 17_200_000_000,
  },
  {
    modelId: 'mlx-community/Qwen3-Coder-30B-A3B-Instruct-4bit',
    title: 'Qwen3 Coder 30B',
    summary: 'Made for programming, and fast',
    sizeBytes: 17_200_000_000,
  },
  {
    modelId: 'mlx-community/Mistral-Small-24B-Instruct-2501-4bit',
    title: 'Mistral Small 24B',
    summary: 'Good at European languages and at instructions',
    sizeBytes: 13_300_000_000,
  },
  {
    modelId: 'mlx-community/gemma-4-12B-it-qat-4bit',
    title: 'Gemma 4 12B',
    summary: 'Good at writing, in many languages',
    sizeBytes: 11_020_000_000,
  },
  {
    modelId: 'mlx-community/phi-4-4bit',
    title: 'Phi 4 14B',
    summary: 'Good at reasoning and mathematics',
    sizeBytes: 8_250_000_000,
  },
  {
    modelId: 'mlx-community/gemma-4-e4b-it-4bit',
    title: 'Gemma 4 E4B',
    summary: 'A good all-rounder for smaller Macs',
    sizeBytes: 5_180_000_000,
  },
  {
    modelId: 'mlx-community/Qwen3-4B-Instruct-2507-4bit',
    title: 'Qwen3 4B',
    summary: 'Small, fast, and remarkably capable',
    sizeBytes: 2_260_000_000,
  },
  {
    modelId: 'mlx-community/Meta-Llama-3.1-8B-Instruct-4bit',
    title: 'Llama 3.1 8B',
    summary: 'A well-known all-rounder that most apps are tested with',
    sizeBytes: 4_520_000_000,
  },
  {
    modelId: 'mlx-community/Phi-4-mini-instruct-4bit',
    title: 'Phi 4 mini',
    summary: 'Small, and good at reasoning',
    sizeBytes: 2_160_000_000,
  },
  {
    modelId: 'mlx-community/Llama-3.2-3B-Instruct-4bit',
    title: 'Llama 3.2 3B',
    summary: 'Small and fast, for summaries and everyday questions',
    sizeBytes: 1_810_000_000,
  },
  {
    modelId: 'mlx-community/Llama-3.2-1B-Instruct-4bit',
    title: 'Llama 3.2 1B',
    summary: 'Tiny and very fast, for simple texts',
    sizeBytes: 695_000_000,
  },
]
