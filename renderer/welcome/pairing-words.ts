import type { Pairing } from '../../main/protocol/mesh-answer.ts'

/** Where the Mac's own words lead to the command line, the page has another way. */
const words: Record<string, string> = {
  unreachable:
    'There is no way to the other Mac: it is switched off, in another network, or behind a firewall. With its code and its address, which it shows beside the code, it may be reached.',
  not_found:
    'No Mac nearby has this invitation open. It may be over, or that Mac is in another network: then type its address, too, which it shows beside the code.',
  not_arrived:
    'The other Mac was let in, but did not say that it has arrived. If it stays offline among the Macs, let it join again, or remove it.',
}

export function wordsFor({ reason, message }: Extract<Pairing, { state: 'failed' }>): string {
  return words[reason] ?? message
}
