/** An address as it may be shown: up to the last `@` it names a user and a password. */
export function withoutLogin(text: string): string {
  return text.replace(/:\/\/.*@/s, '://********@')
}
