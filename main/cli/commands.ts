// Every command with its help; its code is loaded when it is called, so that each starts fast.
import type { ExitCode, Terminal } from './terminal.ts'

type RunCommand = (args: string[], terminal: Terminal) => Promise<ExitCode>

export interface Command {
  readonly summary: string
  readonly help: string
  load(): Promise<RunCommand>
}

const common = `  --json            answer with JSON
  -h, --help        this text
`

const forPeer = `  --url URL         the peer to talk to (default: MLX_MESH_URL, or the one that runs with this data folder)
                    with the API key in MLX_MESH_API_KEY, if it is on another machine
${common}
Exit codes: 0 done; 1 it failed, or no peer runs; 2 the command line is wrong.
`

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    'serve',
    {
      summary: 'serve the models of this machine (what "npm start" runs)',
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
  [
    'status',
    {
      summary: 'what runs, where, and what it does',
      help: `Usage: mlx-mesh status [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./status.ts')).runStatus,
    },
  ],
  [
    'models',
    {
      summary: 'the models of this machine and their states, and what other Macs have',
      help: `Usage: mlx-mesh models [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./models.ts')).runModels,
    },
  ],
  [
    'catalog',
    {
      summary: 'models that this machine could download, the best for it first',
      help: `Usage: mlx-mesh catalog [OPTIONS]

"well" leaves room for long texts, "tight" does not, and what is "too large" does not fit into the memory that models
may take (models.memory_budget_gb). "mlx-mesh load MODEL" gets one, also others of the Hugging Face hub.

${forPeer}`,
      load: async () => (await import('./catalog.ts')).runCatalog,
    },
  ],
  [
    'load',
    {
      summary: 'load a model and wait until it answers at once',
      help: `Usage: mlx-mesh load MODEL [OPTIONS]

A model that only another Mac of the mesh has is copied from there first, and stays. One that no Mac has is downloaded
from the Hugging Face hub when it is called by its full name, such as mlx-community/Llama-3.2-3B-Instruct-4bit;
"mlx-mesh catalog" lists some. The copy goes on when this command is stopped; "mlx-mesh unload MODEL" gives it up.

For models with terms to be accepted, start MLX Mesh with an access token in HF_TOKEN; HF_ENDPOINT names another hub.

${forPeer}`,
      load: async () => (await import('./load.ts')).runLoad,
    },
  ],
  [
    'unload',
    {
      summary: 'let a model finish its answers and give its memory back',
      help: `Usage: mlx-mesh unload MODEL [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./load.ts')).runUnload,
    },
  ],
  [
    'pin',
    {
      summary: 'keep a model in the memory of this Mac',
      help: `Usage: mlx-mesh pin MODEL [OPTIONS]

A pinned model is loaded when this Mac starts, and never makes room for another one. Where pinned models take all
the room, requests for other models are served by other Macs, or refused.

${forPeer}`,
      load: async () => (await import('./pin.ts')).runPin,
    },
  ],
  [
    'unpin',
    {
      summary: 'let a pinned model make room for others again',
      help: `Usage: mlx-mesh unpin MODEL [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./pin.ts')).runUnpin,
    },
  ],
  [
    'pause',
    {
      summary: 'let this Mac work for nobody else for a while',
      help: `Usage: mlx-mesh pause [MINUTES] [OPTIONS]

This Mac takes no requests of other Macs any more, and they go on elsewhere with what it was answering. Apps on
this Mac are served as before. Without MINUTES it lasts until "mlx-mesh share on".

${forPeer}`,
      load: async () => (await import('./sharing.ts')).runPause,
    },
  ],
  [
    'share',
    {
      summary: 'switch sharing of this Mac on or off',
      help: `Usage: mlx-mesh share on|off [OPTIONS]

"on" ends a pause, too. The Mac may still pause by itself: when it runs on battery, gets too hot, is short of
memory, or its owner needs the GPU (section "sharing" of the configuration). "mlx-mesh status" says why.

${forPeer}`,
      load: async () => (await import('./sharing.ts')).runShare,
    },
  ],
  [
    'vision',
    {
      summary: 'install the layer with which models see images',
      help: `Usage: mlx-mesh vision install|remove|status [OPTIONS]

Models that were made to see images need a layer for it (mlx-vlm, about 60 MB on disk), which "install" downloads into
the data folder of this Mac. Conversations with images then go to the Macs that have it. Models that are in memory see
once they are loaded again.

${common}
Exit codes: 0 done; 1 it failed; 2 the command line is wrong.
`,
      load: async () => (await import('./vision.ts')).runVision,
    },
  ],
  [
    'chat',
    {
      summary: 'talk to a model in the terminal',
      help: `Usage: mlx-mesh chat [MODEL] [OPTIONS]             a conversation
       mlx-mesh chat -m MODEL "PROMPT" [OPTIONS]   one answer
       command | mlx-mesh chat [MODEL] [OPTIONS]   one answer to what is piped in

Without MODEL it talks to one that is loaded, or else to the first one. In a conversation Ctrl-C stops the
answer and Ctrl-D leaves.

  -m, --model MODEL the model; the other words are the prompt then
${forPeer}`,
      load: async () => (await import('./chat.ts')).runChat,
    },
  ],
  [
    'why',
    {
      summary: 'why a request went to the Mac that answered it',
      help: `Usage: mlx-mesh why [REQUEST] [OPTIONS]

Shows for a request (the latest one, if none is named) which Macs were considered, what spoke for and against each
of them, which one was chosen, and to whom it handed over. REQUEST is what the header x-request-id of the answer
says. It is known to the Mac that the request was sent to, for as long as its history reaches.

${forPeer}`,
      load: async () => (await import('./why.ts')).runWhy,
    },
  ],
  [
    'invite',
    {
      summary: 'let another Mac into the mesh: shows the code for it',
      help: `Usage: mlx-mesh invite [OPTIONS]

Shows a code that lets one Mac join, once, within ten minutes, and waits until it has come. Where there is no mesh
yet, this Mac makes one. A Mac that joins without the code shows six digits, and so does this one: it is let in when
you say on both that they are the same. Ctrl-C calls it off.

${forPeer}`,
      load: async () => (await import('./invite.ts')).runInvite,
    },
  ],
  [
    'join',
    {
      summary: 'join a mesh, with a code or with a look at both screens',
      help: `Usage: mlx-mesh join CODE [OPTIONS]   with the code that "mlx-mesh invite" shows on a Mac of the mesh
       mlx-mesh join [OPTIONS]        choose a mesh nearby, and compare six digits on both screens

A code is tried once; a typing mistake is told before. With --json and without CODE, the meshes nearby are listed.

  --at HOST:PORT    where the other Mac is, when this one does not find it ("invite" shows it)
${forPeer}`,
      load: async () => (await import('./join.ts')).runJoin,
    },
  ],
  [
    'members',
    {
      summary: 'the Macs of the mesh, and the meshes nearby',
      help: `Usage: mlx-mesh members [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./members.ts')).runMembers,
    },
  ],
  [
    'remove',
    {
      summary: 'cut a Mac off the mesh at once',
      help: `Usage: mlx-mesh remove NAME|ID [OPTIONS]

The Mac is cut off at once, and the others change their secret: it cannot come back without an invitation.

${forPeer}`,
      load: async () => (await import('./members.ts')).runRemove,
    },
  ],
  [
    'leave',
    {
      summary: 'leave the mesh with this Mac',
      help: `Usage: mlx-mesh leave [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./members.ts')).runLeave,
    },
  ],
  [
    'rename',
    {
      summary: 'give this Mac another name in the mesh',
      help: `Usage: mlx-mesh rename NAME [OPTIONS]\n\n${forPeer}`,
      load: async () => (await import('./members.ts')).runRename,
    },
  ],
  [
    'keys',
    {
      summary: 'make, list and revoke the API keys that other machines need',
      help: `Usage: mlx-mesh keys create NAME [OPTIONS]   shows the new key, this once
       mlx-mesh keys list [OPTIONS]          the keys of this Mac, and what they were used for
       mlx-mesh keys revoke NAME|ID [OPTIONS]

Programs on this Mac need no key. Other machines always do, where controller.bind_address lets them in. A key opens
the door of the Mac that made it, and of no other one.

  --scopes LIST     inference (text and models; the default), read (figures, dashboard), admin (whatever changes
                    something)
  --models LIST     these models only (default: every one)
  --requests-per-minute N
  --tokens-per-minute N
                    its own limits (default: controller.api.rate_limit)
  --expires TIME    12h, 30d or 1y from now (default: never)
${forPeer}`,
      load: async () => (await import('./keys.ts')).runKeys,
    },
  ],
  [
    'audit',
    {
      summary: 'who has changed what on this Mac',
      help: `Usage: mlx-mesh audit [OPTIONS]

  --limit N         so many orders, the latest first (default 20)
${forPeer}`,
      load: async () => (await import('./audit.ts')).runAudit,
    },
  ],
  [
    'config',
    {
      summary: 'the configuration in force, and where each value came from',
      help: `Usage: mlx-mesh config [OPTIONS]

Values come from, the later ones winning: defaults, cluster.yaml, environment, settings of the app, flags of
"serve". The variable of a key is MLX_MESH_ and its path in capitals, with one _ for whatever is neither letter
nor digit: MLX_MESH_CONTROLLER_PORT for controller.port (MLX_MESH_PORT for short). In the file, \${NAME} stands
for a variable of the environment. Secrets are not shown.

  --config PATH     the configuration file (default: cluster.yaml in the data folder)
${common}
Exit codes: 0 done; 2 the configuration is wrong.
`,
      load: async () => (await import('./config.ts')).runConfig,
    },
  ],
  [
    'diagnostics',
    {
      summary: 'save what a bug report needs, without prompts and names',
      help: `Usage: mlx-mesh diagnostics [FILE] [OPTIONS]

Saves a zip file (mlx-mesh-diagnostics-DATE.zip, if no FILE is named) with versions, the configuration, what the
doctor finds, the Macs of the mesh, the latest requests without their texts, and the end of the log. Secrets are
left out; names, paths and addresses are replaced. README.txt inside says what is in it.

${forPeer}`,
      load: async () => (await import('./diagnostics.ts')).runDiagnostics,
    },
  ],
  [
    'doctor',
    {
      summary: 'check every part and say how to mend what is broken',
      help: `Usage: mlx-mesh doctor [OPTIONS]

  --url URL         the peer to check (default: MLX_MESH_URL, or the one that runs with this data folder)
${common}
Exit codes: 0 nothing is broken; 1 something is; 2 the command line is wrong.
`,
      load: async () => (await import('./doctor.ts')).runDoctor,
    },
  ],
])
