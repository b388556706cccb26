/** Model cards, which the catalogue leads to; everything else the page shows comes with the app or from the mesh. */
const linkedHosts = new Set(['huggingface.co'])

/** Whether a link of the page may open in the system's browser. */
export function isLinked(url: string): boolean {
  try {
    const { protocol, hostname, username, port } = new URL(url)
    return protocol === 'https:' && linkedHosts.has(hostname) && username === '' && port === ''
  } catch {
    return false
  }
}
