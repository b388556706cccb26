/** `1.4 GB`; 2^30 bytes are a GB here, as everywhere in MLX Mesh. */
export function formatBytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes < 1000 ? `${mebibytes.toFixed(0)} MB` : `${(mebibytes / 1024).toFixed(1)} GB`
}
