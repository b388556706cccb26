import { describe, expect, it } from 'vitest'
import { parseFrame } from '../../main/engine/frames.ts'

const entry = ['a', [97], -0.5, [['a', [97], -0.5]]]

describe('a frame of the runtime', () => {
  it.each([
    { ev: 'step', n: 3, t: [], d: [] },
    { ev: 'step', n: 3, t: [[1, 'hi', [5, 6]]], d: [[1, 'stop', 2, 'END']] },
    {
      ev: 'step',
      n: 3,
      t: [
        [1, '', []],
        [2, 'a', [97], [entry]],
      ],
      d: [[1, 'length', 2, null]],
    },
    { ev: 'pong', n: 1, step: 3, active: 0, queued: 0, memoryBytes: 1, cacheBytes: 0 },
    { ev: 'echo', id: 4, text: 'a', tokens: [['a', [97], null, []]] },
    { ev: 'error', id: null, code: 'INVALID_REQUEST', message: 'no', param: null },
  ])('is read as it was written: %j', frame => {
    expect(parseFrame(JSON.stringify(frame))).toEqual(frame)
  })

  it.each([
    'Hello from a library',
    '[]',
    'null',
    '{"ev":"unheard of"}',
    '{"ev":"step"}',
    '{"ev":"step","n":1,"t":[[1,"hi"]],"d":[]}',
    '{"ev":"step","n":1,"t":[["1","hi",[5]]],"d":[]}',
    '{"ev":"step","n":1,"t":[[1,"hi",["5"]]],"d":[]}',
    '{"ev":"step","n":1,"t":[[1,"hi",[5],[["a",[97],"high",[]]]]],"d":[]}',
    '{"ev":"step","n":1,"t":[],"d":[[1,"bored",3,null]]}',
    '{"ev":"started","id":1}',
  ])('is refused when it makes no sense: %s', line => {
    expect(() => parseFrame(line)).toThrow()
  })
})
