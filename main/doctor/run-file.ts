import { isPeerAlive } from '../client/peer-alive.ts'
import { readRunFile, writeRunFile } from '../client/run-file.ts'
import { findDataFolder } from '../config/data-folder.ts'
import type { Finding, Patient } from './finding.ts'

/** Whether commands find the peer that runs here, and no other. */
export async function checkRunFile({ env, url, isSelf = false }: Patient): Promise<Finding> {
  const dataFolder = findDataFolder(env)
  const running = readRunFile(dataFolder)
  if (!isSelf || url === undefined) {
    if (!running) return { status: 'ok', message: 'no peer has said that it runs here' }
    if (await isPeerAlive(running)) return { status: 'ok', message: `names ${running.url}` }
    const message = `names a peer that is gone (${running.url})`
    return { status: 'warn', message, advice: 'The next start replaces it; nothing is to be done.' }
  }
  if (running?.pid === process.pid && running.url === url)
    return { status: 'ok', message: 'commands find this peer' }
  return {
    status: 'warn',
    message: running ? `names another peer (${running.url})` : 'is missing, so that commands find no peer',
    advice: `Write it again, or give commands --url ${url}.`,
    mend: {
      label: 'Write it again',
      run: async () => writeRunFile(dataFolder, { pid: process.pid, url, startedAtMs: Date.now() }),
    },
  }
}
