// The parts that the doctor looks at, in the order in which they depend on each other.
import { findDataFolder } from '../config/data-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { parts } from '../config/parts.ts'
import { checkMesh, checkNetwork } from './doctor-network.ts'
import { checkDataFolder, checkNode, checkProgram, checkStarterModel } from './doctor-parts.ts'
import { checkAnswer, checkPeer, checkPort } from './doctor-peer.ts'
import type { Terminal } from './terminal.ts'

export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do about it. */
  readonly mend?: string
}

export interface Check {
  readonly check: string
  look(): Promise<Finding>
}

export function listChecks(terminal: Terminal, url: string | undefined): Check[] {
  const dataFolder = findDataFolder(terminal.env)
  return [
    { check: 'Node.js', look: async () => checkNode(process.versions.node) },
    {
      check: 'Python with MLX',
      look: () =>
        checkProgram(parts.python, ['-c', 'import mlx.core, mlx_lm; print("MLX", mlx.core.__version__)']),
    },
    { check: 'NATS server', look: () => checkProgram(parts.natsServer, ['--version']) },
    { check: 'Starter model', look: async () => checkStarterModel(parts.models) },
    { check: 'Configuration', look: async () => checkConfig(terminal) },
    { check: 'Data folder', look: async () => checkDataFolder(dataFolder) },
    { check: 'Port', look: () => checkPort(terminal) },
    { check: 'Peer', look: () => checkPeer(terminal, url) },
    { check: 'Network', look: () => checkNetwork(terminal, url) },
    { check: 'Mesh', look: () => checkMesh(terminal, url) },
    { check: 'An answer', look: () => checkAnswer(terminal, url) },
  ]
}

function checkConfig(terminal: Terminal): Finding {
  try {
    const { warnings } = loadConfig({ env: terminal.env })
    if (warnings.length === 0) return { status: 'ok', message: 'valid' }
    return { status: 'warn', message: warnings.join('; ') }
  } catch (error) {
    return {
      status: 'fail',
      message: error instanceof Error ? error.message : String(error),
      mend: 'Correct what is named; "mlx-mesh config" then prints what is in force.',
    }
  }
}
