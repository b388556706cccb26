// `run/peer.json` of the data folder: how commands find the peer that runs here.
import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { dataPaths } from '../config/data-folder.ts'
import { writeFileAtomically } from '../config/write-file.ts'

const runningPeer = z.object({
  pid: z.int(),
  url: z.url(),
  startedAtMs: z.number(),
  /** Since then it has been about to start anew in the same process, and answers nobody. */
  restartingAtMs: z.number().optional(),
})
export type RunningPeer = z.infer<typeof runningPeer>

/** What the last `serve` of this data folder left; null when there is nothing. The peer may be gone. */
export function readRunFile(dataFolder: string): RunningPeer | null {
  try {
    return runningPeer.parse(JSON.parse(readFileSync(dataPaths(dataFolder).runFile, 'utf8')))
  } catch {
    return null
  }
}

export function writeRunFile(dataFolder: string, peer: RunningPeer): void {
  writeFileAtomically(dataPaths(dataFolder).runFile, `${JSON.stringify(peer)}\n`)
}

/** Removes the file unless another peer has written its own meanwhile. */
export function removeRunFile(dataFolder: string, pid: number): void {
  if (readRunFile(dataFolder)?.pid !== pid) return
  rmSync(dataPaths(dataFolder).runFile, { force: true })
}
