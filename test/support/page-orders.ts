import type { Page } from 'playwright-core'

/** Path and body of the next order that the page sends. */
export async function nextPost(page: Page): Promise<[string, unknown]> {
  const request = await page.waitForRequest(each => each.method() === 'POST')
  return [new URL(request.url()).pathname, request.postDataJSON()]
}
