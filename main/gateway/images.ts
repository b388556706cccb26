// Pictures in a conversation, as far as HTTP can check them; what is in them the runtime looks at.

const head = /^data:image\/(?:png|jpeg|webp|gif);base64,/
const longestAddress = 4096
const notBase64 = /[^A-Za-z0-9+/]/

export function isWebAddress(url: string): boolean {
  return /^https?:/i.test(url.slice(0, 8))
}

/** The same for a picture that may also lie on the web. */
export function faultOfImageUrl(url: string): string | null {
  if (!isWebAddress(url)) return faultOfImage(url)
  return url.length <= longestAddress && URL.canParse(url) ? null : 'it is no address of the web'
}

/** What is wrong with a picture that is there as a data URI; null: nothing. */
export function faultOfImage(url: string): string | null {
  const [start] = head.exec(url.slice(0, 40)) ?? []
  if (start === undefined) return 'expected data:image/png;base64,… (or jpeg, webp, gif)'
  const end = url.endsWith('==') ? -2 : url.endsWith('=') ? -1 : url.length
  const bytes = url.slice(start.length, end)
  return bytes === '' || notBase64.test(bytes) ? 'the picture is not valid Base64' : null
}
