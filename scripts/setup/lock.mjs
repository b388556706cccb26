// One set-up at a time in one checkout. The lock is a file with its owner's process id, touched every second. It is broken
// when the owner is dead, or silent: then its id belongs to another process by now, or it is a zombie.
import { readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 100
const touchMs = 1_000
/** Counted while this process runs, so that a Mac that slept is not taken for a dead owner. */
const silenceMs = 15_000
/** Breaking a lock takes microseconds; a breaker that has not finished after this long was killed while at it. */
const breakerDiedMs = 5_000

/**
 * @param {string} path
 * @param {(owner: number) => void} onWait called once, if another process holds the lock
 * @param {{ silenceMs: number }} [limits]
 * @returns {Promise<() => void>} gives the lock back; also done when this process exits
 */
export async function takeLock(path, onWait, limits = { silenceMs }) {
  let lastTouch = { at: touchedAt(path), seenMs: performance.now() }
  let toldToWait = false
  while (!createOwned(path)) {
    const owner = ownerOf(path)
    const touch = touchedAt(path)
    if (touch !== lastTouch.at) lastTouch = { at: touch, seenMs: performance.now() }
    const silent = performance.now() - lastTouch.seenMs > limits.silenceMs
    if (silent || (owner !== undefined && !isAlive(owner))) {
      breakLock(path, owner)
      continue
    }
    if (owner !== undefined && !toldToWait) {
      toldToWait = true
      onWait(owner)
    }
    await sleep(pollMs)
  }
  return hold(path)
}

/** @param {string} path */
function hold(path) {
  const timer = setInterval(() => {
    const now = new Date()
    if (ownerOf(path) === process.pid) utimesSync(path, now, now)
  }, touchMs).unref()
  const release = () => {
    clearInterval(timer)
    process.off('exit', release)
    if (ownerOf(path) === process.pid) unlinkIfThere(path)
  }
  process.on('exit', release)
  return release
}

/**
 * Between reading a dead owner and removing the file, another process may have done the same and taken the lock; so
 * breaking is itself exclusive, and looks again first.
 * @param {string} path
 * @param {number | undefined} deadOwner
 */
function breakLock(path, deadOwner) {
  const breaker = `${path}.breaking`
  if (!createOwned(breaker)) {
    if (Date.now() - (touchedAt(breaker) ?? Date.now()) > breakerDiedMs) unlinkIfThere(breaker)
    return
  }
  if (ownerOf(path) === deadOwner) unlinkIfThere(path)
  unlinkIfThere(breaker)
}

/** @param {string} path */
function createOwned(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * @param {string} path
 * @returns {number | undefined} undefined when the lock is gone, or created but not yet written
 */
function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** @param {string} path */
function touchedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

/** @param {string} path */
function unlinkIfThere(path) {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
