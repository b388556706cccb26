/** By then the browser has taken it. */
const takenMs = 60_000

/** Into the browser's folder of downloads. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  window.setTimeout(() => URL.revokeObjectURL(link.href), takenMs)
}
