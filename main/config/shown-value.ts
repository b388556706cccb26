import type { LoadedConfig } from './load-config.ts'
import { withoutLogin } from './without-login.ts'

/** The value of a key as it may be shown: secrets are hidden, and so are logins in addresses. */
export function shownValue({ key, value }: LoadedConfig['origins'][number]): unknown {
  if (key.secret && value !== null) return '********'
  return typeof value === 'string' ? withoutLogin(value) : value
}
