import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { forwardRuntimeLog } from '../../main/engine/runtime-log.ts'
import type { Log } from '../../main/telemetry/log.ts'

async function forward(...lines: string[]) {
  const seen: unknown[][] = []
  const at = (level: string) => (message: string, fields?: object) => seen.push([level, message, fields])
  const log: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  }
  const lastWords = await forwardRuntimeLog(Readable.from([Buffer.from(lines.join('\n'))]), log)
  return { seen, lastWords }
}

describe('the log of a model process', () => {
  it('keeps its levels and fields', async () => {
    const { seen } = await forward('{"time":1.5,"level":"warn","event":"slow","ms":3}')
    expect(seen).toEqual([['warn', 'slow', { ms: 3 }]])
  })

  it('takes other text as it is, and remembers the last line of it', async () => {
    const { seen, lastWords } = await forward('Traceback:', '', '{oops', 'KeyError: 3')
    expect(seen).toEqual([
      ['info', 'model process', { text: 'Traceback:' }],
      ['info', 'model process', { text: '{oops' }],
      ['info', 'model process', { text: 'KeyError: 3' }],
    ])
    expect(lastWords).toBe('KeyError: 3')
  })

  it('takes an unknown level for information', async () => {
    const { seen } = await forward('{"level":"fatal","event":"x"}')
    expect(seen).toEqual([['info', 'x', {}]])
  })
})
