// What is accepted and does nothing: keys of earlier releases, and keys of the contract that are still to come.
import { keys } from './keys.ts'
import { describeSource, type Source } from './source.ts'

export function findWarnings(
  sources: ReadonlyMap<string, Source>,
  deprecated: readonly { readonly key: string; readonly source: Source }[],
): string[] {
  const old = deprecated.map(
    ({ key, source }) =>
      `${describeSource(source)}: ${key} is ignored: MLX schedules the GPU itself, remove the key.`,
  )
  const early = [...sources]
    .filter(([path]) => keys.get(path)?.notYet)
    .map(([path, source]) => `${describeSource(source)}: ${path} has no effect in this release yet.`)
  return [...old, ...early]
}
