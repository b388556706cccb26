/** An address as it may be shown: what stands before the last `@` names a user and a password, with and without a scheme. */
export function withoutLogin(text: string): string {
  return text.replace(/^(?!\/)([["]*(?:[\w+.-]+:\/\/)?).*@/s, '$1********@')
}
