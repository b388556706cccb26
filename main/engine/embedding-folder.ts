// What tells the folder of an embedding model from that of a model that makes text (as in the runtime's embedding/folder.py).

/** As `model_type` names the encoders that the runtime can run. */
export const encoderTypes: ReadonlySet<string> = new Set(['bert', 'roberta', 'xlm-roberta', 'camembert'])

const modulesFile = 'modules.json'
/** Where sentence-transformers keeps what stands behind the encoder: `1_Pooling`. */
const moduleFolder = /^\d{1,2}_[A-Za-z]{1,40}$/

export function isEmbeddingFolder(fileNames: readonly string[], modelType: unknown): boolean {
  return fileNames.includes(modulesFile) || (typeof modelType === 'string' && encoderTypes.has(modelType))
}

/** Whether files in a folder of this name inside a model's folder are part of the model. */
export function isModuleFolder(name: string): boolean {
  return moduleFolder.test(name)
}
