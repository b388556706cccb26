import { expect, test } from 'vitest'
import { z } from 'zod'
import { parsed } from '../../main/fabric/parsed.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { recordLog } from './record-log.ts'

test('what a Mac of another version says each second is refused each time, and the log is not filled with it', () => {
  const { log, lines } = recordLog()
  const heard: unknown[] = []
  const unread: unknown[] = []
  const receive = parsed(
    z.object({ a: z.number(), b: z.number() }),
    log,
    value => heard.push(value),
    message => unread.push(message),
  )
  const say = (value: unknown) => {
    const subject = 'worker.heartbeat'
    receive({ subject, data: encodeJson(value), wantsAnswer: false, noResponders: false, respond: () => {} })
  }
  for (let second = 0; second < 5; second++) {
    say({ a: 1 })
    say({ a: 1, b: 2 })
  }
  say({ b: 2 })
  expect(heard).toHaveLength(5)
  expect(unread).toHaveLength(6)
  const warnings = lines.filter(({ level }) => level === 'warn')
  expect(warnings.map(({ fields }) => fields)).toEqual([
    { subject: 'worker.heartbeat', fault: 'b: invalid_type' },
    { subject: 'worker.heartbeat', fault: 'a: invalid_type' },
  ])
})
