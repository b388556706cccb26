/** The flags of every command that talks to a running peer, for `parseArgs`. */
export const peerOptions = {
  url: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const
