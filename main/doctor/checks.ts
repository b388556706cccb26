// The parts that the doctor looks at, in the order in which they depend on each other.
import { findDataFolder } from '../config/data-folder.ts'
import { loadConfig } from '../config/load-config.ts'
import { parts } from '../config/parts.ts'
import { checkDoor } from './door.ts'
import type { Check, Finding, Patient } from './finding.ts'
import { checkLeftovers } from './leftovers.ts'
import { checkMesh, checkNetwork } from './network.ts'
import { checkClock, checkVersions } from './other-macs.ts'
import { checkModels, checkSharing } from './own-mac.ts'
import { checkDataFolder, checkModelRoom, checkNode, checkProgram, checkStarterModel } from './parts.ts'
import { checkAnswer, checkPeer, checkPort } from './peer.ts'
import { checkRunFile } from './run-file.ts'

export function listChecks(patient: Patient): Check[] {
  const dataFolder = findDataFolder(patient.env)
  const importMlx = 'import mlx.core, mlx_lm; print("MLX", mlx.core.__version__)'
  return [
    check('Node.js', async () => checkNode(process.versions.node)),
    check('Python with MLX', () => checkProgram(parts.python, ['-c', importMlx])),
    check('NATS server', () => checkProgram(parts.natsServer, ['--version'])),
    check('Starter model', async () => checkStarterModel(parts.models)),
    check('Configuration', async () => checkConfig(patient)),
    check('Data folder', async () => checkDataFolder(dataFolder)),
    check('Room for models', async () => checkModelRoom(dataFolder)),
    check('Leftovers', () => checkLeftovers(patient)),
    check('Port', () => checkPort(patient)),
    check('Run file', () => checkRunFile(patient)),
    check('Peer', () => checkPeer(patient)),
    check('Door', () => checkDoor(patient)),
    check('Sharing', () => checkSharing(patient)),
    check('Models', () => checkModels(patient)),
    check('Network', () => checkNetwork(patient)),
    check('Mesh', () => checkMesh(patient)),
    check('Versions', () => checkVersions(patient)),
    check('Clock', () => checkClock(patient)),
    check('An answer', () => checkAnswer(patient)),
  ]
}

function check(title: string, look: () => Promise<Finding>): Check {
  return { id: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'), title, look }
}

function checkConfig({ layers }: Patient): Finding {
  try {
    const { warnings } = loadConfig(layers)
    if (warnings.length === 0) return { status: 'ok', message: 'valid' }
    return { status: 'warn', message: warnings.join('; ') }
  } catch (error) {
    return {
      status: 'fail',
      message: error instanceof Error ? error.message : String(error),
      advice: 'Correct what is named; "mlx-mesh config" then prints what is in force.',
    }
  }
}
