import { parts } from '../../main/config/parts.ts'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { type Program, startProgram } from './program.ts'

/** The server that comes with mlx-lm, with its own settings. */
export async function startMlxLmServer(modelFolder: string): Promise<Program & { readonly url: string }> {
  const port = await findFreePort('127.0.0.1')
  const program = await startProgram({
    name: 'mlx_lm.server',
    command: parts.python,
    args: ['-m', 'mlx_lm.server', '--model', modelFolder, '--host', '127.0.0.1', '--port', String(port)],
    place: 'anywhere',
    // Without this, MLX on a CPU compiles C++ at the first request; the mesh's runtime does the same there.
    env: {
      HF_HUB_OFFLINE: '1',
      PYTHONUNBUFFERED: '1',
      ...(process.platform === 'linux' ? { MLX_DISABLE_COMPILE: '1' } : {}),
    },
    ready: /Starting httpd/,
    readyWithinMs: 120_000,
  })
  return { ...program, url: `http://127.0.0.1:${port}` }
}
