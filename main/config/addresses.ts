import { isIPv4, isIPv6 } from 'node:net'

/** An address that other machines cannot reach, or the name that means one. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || (address.startsWith('127.') && isIPv4(address))
}

/** `192.168.1.0/24`, `fd00::/8`, or a single address. */
export function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  if (most < 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
}
