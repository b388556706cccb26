// One line for each step: ✓, its name, its seconds. While a step runs, a sign of life: in place on a terminal, as
// further lines elsewhere.
const terminalTickMs = 200
const plainTickMs = 5_000
const plainColumns = 120

/**
 * @typedef {object} Progress
 * @property {(line: string) => void} say
 * @property {(name: string, work: (report: (line: string) => void) => Promise<void>) => Promise<void>} during
 */

/**
 * @param {NodeJS.WriteStream} stream
 * @returns {Progress}
 */
export function showProgress(stream = process.stderr) {
  const say = (/** @type {string} */ line) => void stream.write(`${line}\n`)
  return {
    say,
    async during(name, work) {
      const startedAt = performance.now()
      const elapsed = () => ((performance.now() - startedAt) / 1000).toFixed(1)
      let latest = ''
      const draw = () => {
        const line = `… ${name} (${elapsed()} s)${latest && `: ${latest}`}`
        if (stream.isTTY) stream.write(`\r\x1b[K${line.slice(0, stream.columns - 1)}`)
        else say(line.slice(0, plainColumns))
      }
      draw()
      const timer = setInterval(draw, stream.isTTY ? terminalTickMs : plainTickMs)
      let mark = '✗'
      try {
        await work(line => {
          latest = line.trim()
        })
        mark = '✓'
      } finally {
        clearInterval(timer)
        say(`${stream.isTTY ? '\r\x1b[K' : ''}${mark} ${name} (${elapsed()} s)`)
      }
    },
  }
}
