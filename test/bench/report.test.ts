import { expect, test } from 'vitest'
import { atLeast, atMost, passes } from '../../bench/report/check.ts'
import { renderTable } from '../../bench/report/render.ts'
import { replacePart } from '../../bench/report/store.ts'

test('a target holds on its border and never for a figure that is missing', () => {
  expect([atMost('a', 2, 2), atLeast('a', 2, 2)].every(passes)).toBe(true)
  expect([atMost('a', 2.1, 2), atLeast('a', 1.9, 2), atMost('a', Number.NaN, 2)].some(passes)).toBe(false)
})

test('a part of the document is replaced between its markers, and only there', () => {
  const document = 'x\n<!-- a -->\nold\n<!-- /a -->\n<!-- b -->\nkept\n<!-- /b -->\n'
  expect(replacePart(document, 'a', 'new')).toBe(
    'x\n<!-- a -->\nnew\n<!-- /a -->\n<!-- b -->\nkept\n<!-- /b -->\n',
  )
  expect(() => replacePart(document, 'c', 'new')).toThrow('no part')
})

test('a table shows three digits, and a dash for what could not be measured', () => {
  expect(
    renderTable({
      title: 't',
      columns: ['', 'n'],
      rows: [
        ['a', 0.12345],
        ['b', Number.NaN],
        ['c', 12_345.6],
      ],
    }),
  ).toBe('**t**\n\n|  | n |\n| --- | --- |\n| a | 0.123 |\n| b | – |\n| c | 12,346 |')
})
