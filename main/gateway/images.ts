// Pictures in a conversation, as far as HTTP can check them; what is in them the runtime looks at.

const head = /^data:image\/(?:png|jpeg|webp|gif);base64,/
const notBase64 = /[^A-Za-z0-9+/]/

/** What is wrong with the address of a picture; null: nothing. */
export function faultOfImage(url: string): string | null {
  if (/^https?:/i.test(url))
    return 'addresses of the web are not fetched: send the picture itself as data:image/png;base64,…'
  const [start] = head.exec(url.slice(0, 40)) ?? []
  if (start === undefined) return 'expected data:image/png;base64,… (or jpeg, webp, gif)'
  const end = url.endsWith('==') ? -2 : url.endsWith('=') ? -1 : url.length
  const bytes = url.slice(start.length, end)
  return bytes === '' || notBase64.test(bytes) ? 'the picture is not valid Base64' : null
}
