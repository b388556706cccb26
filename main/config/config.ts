import type { ClusterSettings } from './schema.ts'

/** The effective configuration: the keys of `cluster.yaml` and where this copy keeps its data. Frozen to its depth. */
export type Config = Frozen<ClusterSettings> & { readonly dataFolder: string }

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T
