const signs = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Pictures, and the scripts of East Asia, are twice as wide as a letter. */
const wide =
  /\p{Extended_Pictographic}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u

/** At most about as wide as so many letters; no sign is cut through. For where the page itself cannot cut: in pictures. */
export function cutText(text: string, letters: number): string {
  const all = [...signs.segment(text)].map(({ segment }) => segment)
  if (widthOf(all) <= letters) return text
  const kept: string[] = []
  for (const sign of all) {
    if (widthOf([...kept, sign]) > letters - 1) break
    kept.push(sign)
  }
  return `${kept.join('').trimEnd()}…`
}

function widthOf(all: readonly string[]): number {
  return all.reduce((sum, sign) => sum + (wide.test(sign) ? 2 : 1), 0)
}
