// The dashboard's page, whoever serves it: the peer's door, or the app out of its own files.

/** Of the page in the app's window. */
export const appOrigin = 'app://mlx-mesh'
/** In these that page shows the token of this Mac: a header, and for a WebSocket a subprotocol that begins so. */
export const appTokenHeader = 'x-mlx-mesh-token'
export const appTokenProtocol = 'mlx-mesh.'
/** And an API key, for a WebSocket of a page on another Mac. */
export const keyProtocol = 'mlx-mesh-key.'

/** What a built page consists of, by the end of its file's name. */
export const pageTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
])

/** Only what comes from the page's own door runs and styles, and no other page may show it in a frame. `talksTo`: beside that door. */
export function pagePolicy(talksTo: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...talksTo].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
