/** Runs each function once when the turn of the event loop is over: what came together is written together. */
export function createTurnEnd(): (run: () => void) => void {
  let due: (() => void)[] = []
  const runAll = () => {
    const now = due
    due = []
    for (const run of now) run()
  }
  return run => {
    if (due.length === 0) setImmediate(runAll)
    due.push(run)
  }
}
