// `app://mlx-mesh/`: the built page, out of the app's own files.
import { protocol } from 'electron'
import { answerPage, pageScheme } from './own-page.ts'

/** Before the app is ready: afterwards Chromium no longer learns of a scheme. */
export function registerPageScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true }
  protocol.registerSchemesAsPrivileged([{ scheme: pageScheme, privileges }])
}

/** Once the app is ready. */
export function servePage(folder: string, peerUrl: () => string | null): void {
  if ('handle' in protocol) {
    protocol.handle(pageScheme, ({ url }) => {
      const { status, headers, body } = answerPage(folder, url, peerUrl())
      return new Response(new Uint8Array(body), { status, headers })
    })
    return
  }
  // Electron 22, which tests may run on, has only this older way.
  const older: Electron.Protocol = protocol
  older.registerBufferProtocol(pageScheme, ({ url }, answer) => {
    const { status, headers, body } = answerPage(folder, url, peerUrl())
    answer({ statusCode: status, headers: { ...headers }, data: body })
  })
}
