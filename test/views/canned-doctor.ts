// What the doctor of a canned peer finds.
import type { DoctorFinding } from '../../main/protocol/settings.ts'
import type { Answer, Route } from './canned-routes.ts'

export interface CannedDoctor {
  /** What it finds from now on. */
  find(id: string, change: Partial<DoctorFinding>): void
  readonly mended: readonly string[]
  /** What it says only when it is let go on; null: everything at once. */
  hold(id: string | null): void
}

const healthy: DoctorFinding[] = [
  { id: 'node', title: 'Node.js', message: '24.21.0' },
  { id: 'python', title: 'Python with MLX', message: 'MLX 0.32.4' },
  { id: 'nats', title: 'NATS server', message: 'nats-server 2.15.1' },
  { id: 'starter', title: 'Starter model', message: 'SmolLM2-135M-Instruct' },
  { id: 'config', title: 'Configuration', message: 'valid' },
  { id: 'folder', title: 'Data folder', message: '/Users/ada/Library/Application Support/MLX Mesh' },
  { id: 'port', title: 'Port', message: '127.0.0.1:8080 is ours' },
  { id: 'network', title: 'Network', message: '2 other Macs hear this one' },
  { id: 'answer', title: 'An answer', message: 'SmolLM2-135M-Instruct said "Hello" in 0.4 s' },
].map(each => ({ ...each, status: 'ok', advice: null, mend: null }))

export function createCannedDoctor(): CannedDoctor & { readonly routes: Route[] } {
  let findings = healthy
  const mended: string[] = []
  let held: string | null = null
  let letGo = () => {}
  const change = (id: string, found: Partial<DoctorFinding>) => {
    findings = findings.map(each => (each.id === id ? { ...each, ...found } : each))
  }
  return {
    find: change,
    mended,
    hold(id) {
      held = id
      letGo()
    },
    routes: [
      [
        'GET',
        /^\/api\/doctor$/,
        () => ({ status: 200, body: { checks: findings.map(({ id, title }) => ({ id, title })) } }),
      ],
      [
        'GET',
        /^\/api\/doctor\/([^/]+)$/,
        async (_, [id = '']) => {
          if (id === held)
            await new Promise<void>(go => {
              letGo = go
            })
          return found(id)
        },
      ],
      [
        'POST',
        /^\/api\/doctor\/([^/]+)\/mend$/,
        (_, [id = '']) => {
          mended.push(id)
          change(id, { status: 'ok', message: 'mended', advice: null, mend: null })
          return found(id)
        },
      ],
      ['GET', /^\/api\/diagnostics$/, ({ res }) => streamBundle(res)],
    ],
  }

  function found(id: string): Answer {
    const finding = findings.find(each => each.id === id)
    if (finding) return { status: 200, body: finding }
    return { status: 404, body: { error: { message: `There is no check '${id}'.`, code: 'not_found' } } }
  }
}

function streamBundle(res: import('node:http').ServerResponse): 'streamed' {
  res.writeHead(200, {
    'content-type': 'application/zip',
    'content-disposition': 'attachment; filename="mlx-mesh-diagnostics.zip"',
  })
  res.end('a bundle')
  return 'streamed'
}
