// Markdown, cut where a finished part ends: while an answer grows, only its last block is parsed again. Pure.

const fence = /^ {0,3}(`{3,}|~{3,})/
const listItem = /^ {0,3}([-*+]|\d{1,9}[.)])\s/

/** Joined with blank lines between them, the blocks are the text again. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = []
  let block: string[] = []
  let openFence: string | null = null
  let isAfterBlank = false
  for (const line of text.split('\n')) {
    if (openFence === null && isAfterBlank && line.trim() !== '' && beginsAnew(line, block)) {
      blocks.push(block.join('\n').trimEnd())
      block = []
    }
    const mark = fence.exec(line)?.[1]
    if (mark !== undefined) openFence = fenceAfter(openFence, mark, line)
    isAfterBlank = openFence === null && line.trim() === ''
    block.push(line)
  }
  const last = block.join('\n')
  return last.trim() === '' ? blocks : [...blocks, last]
}

/** What is indented belongs to the item before it, and items of a list belong together. */
function beginsAnew(line: string, block: readonly string[]): boolean {
  if (block.every(each => each.trim() === '')) return false
  const isInList = listItem.test(block.find(each => each.trim() !== '') ?? '')
  if (!isInList) return true
  return !/^\s/.test(line) && !listItem.test(line)
}

/** A fence is closed by one of its own kind, at least as long, with nothing behind it. */
function fenceAfter(openFence: string | null, mark: string, line: string): string | null {
  if (openFence === null) return mark
  const closes = mark.startsWith(openFence) && line.trim() === mark
  return closes ? null : openFence
}
