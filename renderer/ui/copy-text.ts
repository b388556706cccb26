/** Into the clipboard; rejects where the system does not let a page do that. */
export async function copyText(text: string): Promise<void> {
  const bridge = window.mlxMesh
  if (bridge) return await bridge.copyText(text)
  // A page that was opened over http from another machine is given no clipboard.
  if (!navigator.clipboard) throw new Error('This browser lets only secure pages copy.')
  await navigator.clipboard.writeText(text)
}
