/** How many bytes of something may be in hand at once. Whoever takes some gives them back. */
export class ByteAllowance {
  readonly mostBytes: number
  #takenBytes = 0

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  /** False when there is no room for so many; then none are taken. */
  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.mostBytes) return false
    this.#takenBytes += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#takenBytes -= bytes
  }
}
