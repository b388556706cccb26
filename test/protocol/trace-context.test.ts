import { expect, test } from 'vitest'
import { formatTraceparent, parseTraceparent } from '../../main/protocol/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test.each([
  { title: 'traced', text: `00-${traceId}-${spanId}-01`, isSampled: true },
  { title: 'not traced', text: `00-${traceId}-${spanId}-00`, isSampled: false },
  { title: 'traced, with flags of later versions', text: `00-${traceId}-${spanId}-03`, isSampled: true },
  { title: 'of a later version that says more', text: `01-${traceId}-${spanId}-01-more`, isSampled: true },
])('a parent that is $title is understood', ({ text, isSampled }) => {
  expect(parseTraceparent(text)).toEqual({ traceId, spanId, isSampled })
})

test.each([
  { title: 'nothing', text: '' },
  { title: 'only zeros for a trace', text: `00-${'0'.repeat(32)}-${spanId}-01` },
  { title: 'only zeros for a span', text: `00-${traceId}-${'0'.repeat(16)}-01` },
  { title: 'in capitals', text: `00-${traceId.toUpperCase()}-${spanId}-01` },
  { title: 'of the version that is none', text: `ff-${traceId}-${spanId}-01` },
  { title: 'longer than its version', text: `00-${traceId}-${spanId}-01-more` },
  { title: 'too short', text: `00-${traceId.slice(1)}-${spanId}-01` },
])('a parent that is $title is none', ({ text }) => {
  expect(parseTraceparent(text)).toBeNull()
})

test('what is passed on is read again as it was', () => {
  for (const isSampled of [true, false]) {
    const context = { traceId, spanId, isSampled }
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context)
  }
})
