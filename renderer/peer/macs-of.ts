/** A request that was handed over, or has several answers, names all Macs that worked on it: `mac-1, mac-2`. */
export function macsOf(workerId: string): string[] {
  return workerId.split(', ')
}
