/** Models named by clients are labels: so many at most, the rest is counted as "other". */
const maxModelLabels = 100

export class ModelLabels {
  readonly #names = new Set<string>()

  /** Of a model that a Mac has. */
  known(modelId: string): string {
    if (this.#names.has(modelId)) return modelId
    if (this.#names.size >= maxModelLabels) return 'other'
    this.#names.add(modelId)
    return modelId
  }

  /** Of what may be anything that a client has written. */
  doubtful(modelId: string): string {
    return this.#names.has(modelId) ? modelId : 'other'
  }
}
