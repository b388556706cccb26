// `mlx-mesh diagnostics`: saves what a bug report needs; of the running peer, or of what is there when none runs.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CommandError } from '../client/command-error.ts'
import { findPeer } from '../client/peer-client.ts'
import { realClock } from '../protocol/clock.ts'
import { peerOptions } from './peer-options.ts'
import type { ExitCode, Terminal } from './terminal.ts'
import { version } from './version.ts'

/** The doctor looks at every part meanwhile. */
const answerMs = 120_000

export async function runDiagnostics(args: string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, options: peerOptions, allowPositionals: true })
  const [chosen, ...more] = positionals
  if (more.length > 0) throw new CommandError('expected the name of one file.', 2)
  const day = new Date().toISOString().slice(0, 10)
  const file = resolve(chosen ?? `mlx-mesh-diagnostics-${day}.zip`)
  const bundle = (await askPeer(terminal, values.url)) ?? (await makeHere(terminal))
  await writeFile(file, bundle, { mode: 0o600 }).catch(error => {
    throw new CommandError(`the bundle cannot be saved: ${error instanceof Error ? error.message : error}`)
  })
  if (values.json) terminal.say(`${JSON.stringify({ file, bytes: bundle.length })}\n`)
  else terminal.say(`${file}\nIt holds no prompts and no names; README.txt inside says what is in it.\n`)
  return 0
}

/** Null: no peer runs here; one that was named must answer. */
async function askPeer(terminal: Terminal, url: string | undefined): Promise<Uint8Array | null> {
  try {
    const peer = findPeer(terminal, url)
    return await peer.bytes('/api/diagnostics', AbortSignal.timeout(answerMs))
  } catch (error) {
    if (url !== undefined || !(error instanceof CommandError)) throw error
    terminal.note(`${error.message} The bundle is made without it.\n`)
    return null
  }
}

async function makeHere({ env }: Terminal): Promise<Uint8Array> {
  const [{ makeDiagnostics }, { openDoctor }] = await Promise.all([
    import('../doctor/diagnostics.ts'),
    import('../doctor/open-doctor.ts'),
  ])
  const patient = { env, layers: { env } }
  return makeDiagnostics({ patient, doctor: openDoctor(patient, realClock), version })
}
