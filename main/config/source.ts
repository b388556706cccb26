/** Where a value came from. */
export type Source =
  | { readonly layer: 'default' }
  | { readonly layer: 'file' | 'settings'; readonly file: string; readonly line: number }
  | { readonly layer: 'environment'; readonly variable: string }
  | { readonly layer: 'flag'; readonly flag: string }

/** One value that somebody set. */
export interface Setting {
  /** As in the documentation: `controller.port`. */
  readonly key: string
  readonly value: unknown
  readonly source: Source
}

export function describeSource(source: Source): string {
  switch (source.layer) {
    case 'default':
      return 'default'
    case 'file':
    case 'settings':
      return `${source.file}:${source.line}`
    case 'environment':
      return `environment ${source.variable}`
    case 'flag':
      return `flag ${source.flag}`
  }
}
