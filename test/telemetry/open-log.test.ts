import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type LogConfig, openLog } from '../../main/telemetry/open-log.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

const configure = (
  dataFolder: string,
  logging: Partial<LogConfig['monitoring']['logging']> = {},
): LogConfig => ({
  dataFolder,
  monitoring: { logging: { level: 'info', format: 'json', file: null, prompts: false, ...logging } },
})

function readLines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

describe('the log', () => {
  test('holds one JSON object a line, with time, level and the fields of its requests', async () => {
    const log = openLog(configure(makeTempFolder()), null)
    log.child({ requestId: 'g1.7' }).info('done', { tokens: 3 })
    log.debug('not at this level')
    log.error('broken', { error: new Error('boo') })
    await log.close()
    expect(readLines(log.file)).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        requestId: 'g1.7',
        tokens: 3,
        msg: 'done',
      },
      expect.objectContaining({ level: 'error', error: expect.objectContaining({ message: 'boo' }) }),
    ])
  })

  test('shows warnings and errors to whoever reads along', async () => {
    const said: string[] = []
    const log = openLog(configure(makeTempFolder()), line => said.push(line))
    log.info('quiet')
    log.warn('the model was restarted', { modelId: 'tiny', error: new Error('boo') })
    await log.close()
    expect(said).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d warn {2}the model was restarted {2}modelId=tiny {2}error=boo\n$/,
      ),
    ])
  })

  test('can be text, and elsewhere', async () => {
    const file = join(makeTempFolder(), 'elsewhere', 'mesh.log')
    const log = openLog(configure('/nowhere', { format: 'text', file }), null)
    log.info('hello', { count: 1 })
    await log.close()
    expect(readFileSync(file, 'utf8')).toMatch(/ info {2}hello {2}count=1\n$/)
  })

  test('does not stop anyone when its folder cannot be written', async () => {
    const folder = makeTempFolder()
    writeFileSync(join(folder, 'logs'), 'a file where the folder should be')
    const log = openLog(configure(folder), null)
    log.info('lost')
    await log.close()
    expect(readFileSync(join(folder, 'logs'), 'utf8')).toBe('a file where the folder should be')
  })

  test('gets its last words onto the disk at once', () => {
    const folder = makeTempFolder()
    mkdirSync(join(folder, 'logs'))
    const log = openLog(configure(folder), null)
    log.error('the end')
    log.flushNow()
    expect(readLines(log.file)).toEqual([expect.objectContaining({ msg: 'the end' })])
  })
})
