// Every command with its help; its code is loaded when it is called, so that each starts fast.
import type { ExitCode, Terminal } from './terminal.ts'

export type RunCommand = (args: string[], terminal: Terminal) => Promise<ExitCode>

export interface Command {
  readonly summary: string
  readonly help: string
  load(): Promise<RunCommand>
}

const common = `  --json            answer with JSON
  -h, --help        this text
`

const peerOptions = `  --url URL         the peer to talk to (normally the one that runs on this machine; also MLX_MESH_URL)
${common}`

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'serve',
    {
      summary: 'serve models on this machine (what "npm start" runs)',
      help: `Usage: mlx-mesh serve [OPTIONS]

Serves the models of this machine at an OpenAI endpoint until Ctrl-C. A second Ctrl-C does not wait for
running answers.

  --port PORT       port of the endpoint (default 8080; 0: any free one)
  --config PATH     the configuration file (default: cluster.yaml in the data folder)
  --load MODEL      load this model at start; may be repeated
  --engine ENGINE   mlx (default), or scripted: made-up text at a fixed speed, for trying things out
${common}
Exit codes: 0 stopped in order; 1 it failed; 2 the command line or the configuration is wrong.
`,
      load: async () => (await import('./serve.ts')).runServe,
    },
  ],
])
