/** A page in the background draws no frames, nor does one that went there a moment ago. */
const withoutFramesMs = 250

/** With the next frame, or soon without one. Returns how to call it off. */
export function atNextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(once)
  const timer = window.setTimeout(once, withoutFramesMs)
  return callOff

  function callOff(): void {
    cancelAnimationFrame(frame)
    window.clearTimeout(timer)
  }

  function once(): void {
    callOff()
    run()
  }
}
