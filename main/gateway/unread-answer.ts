// The end of an answer that its client does not read: the connection is given up after a while, and with it the bytes.
import type { ServerResponse } from 'node:http'

export type WatchEnd = (res: ServerResponse) => void

/**
 * To be called when the answer's last bytes have been written; costs nothing when the kernel has taken them already. The
 * socket's own timer sees each byte that goes out, also in the middle of a large write: only a client that takes none
 * for so long is given up.
 */
export function createEndWatch(patienceMs: number): WatchEnd {
  return res => {
    if (res.writableLength > 0) res.socket?.setTimeout(patienceMs)
  }
}
