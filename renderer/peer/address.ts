// Where the peer is: in a browser the page comes from it; the app's window says where it is, and that changes when it restarts.
import type { PeerAddress } from '../../preload/bridge.ts'

const sameOrigin: PeerAddress = { url: '', token: '' }

let current: PeerAddress = sameOrigin

export function peerAddress(): PeerAddress {
  return current
}

export function setPeerAddress(address: PeerAddress): void {
  current = address
}

/** `http://127.0.0.1:8080`, for people and their tools. */
export function peerOrigin(): string {
  return current.url || window.location.origin
}
