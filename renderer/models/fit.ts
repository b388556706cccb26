import type { Fit } from '../../main/protocol/model-memory.ts'

export const fitWords: Readonly<Record<Fit, string>> = {
  well: 'Fits well',
  tight: 'Fits tightly',
  no: 'Does not fit',
}
