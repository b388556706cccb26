import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAppFile } from '../../main/desktop/app-file.ts'
import { fitBounds } from '../../main/desktop/fit-bounds.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

test('what the app keeps is there again after a restart, and a damaged file is as none', () => {
  const file = join(makeTempFolder(), 'app.json')
  expect(openAppFile(file).kept).toEqual({ welcomed: false, bounds: null })
  const bounds = { x: 1, y: 2, width: 700, height: 500 }
  openAppFile(file).keep({ bounds })
  openAppFile(file).keep({ welcomed: true })
  expect(openAppFile(file).kept).toEqual({ welcomed: true, bounds })
  writeFileSync(file, readFileSync(file, 'utf8').replace('700', '"x"'))
  expect(openAppFile(file).kept).toEqual({ welcomed: true, bounds: null })
  writeFileSync(file, '{')
  expect(openAppFile(file).kept.welcomed).toBe(false)
})

const laptop = { x: 0, y: 25, width: 1440, height: 875 }
const beside = { x: 1440, y: 0, width: 2560, height: 1440 }

test.each([
  [
    'as it was',
    { x: 100, y: 100, width: 800, height: 600 },
    [laptop],
    { x: 100, y: 100, width: 800, height: 600 },
  ],
  [
    'on the second screen',
    { x: 2000, y: 100, width: 800, height: 600 },
    [laptop, beside],
    { x: 2000, y: 100, width: 800, height: 600 },
  ],
  [
    'back from a screen that is gone',
    { x: 2000, y: 100, width: 800, height: 600 },
    [laptop],
    { x: 130, y: 73, width: 1180, height: 780 },
  ],
  [
    'wholly on its screen',
    { x: 1300, y: 700, width: 800, height: 600 },
    [laptop],
    { x: 640, y: 300, width: 800, height: 600 },
  ],
  ['not larger than its screen', { x: 0, y: 25, width: 9000, height: 9000 }, [laptop], laptop],
  ['in the middle at first', null, [laptop], { x: 130, y: 73, width: 1180, height: 780 }],
  [
    'not larger than a small screen',
    null,
    [{ x: 0, y: 0, width: 640, height: 400 }],
    { x: 0, y: 0, width: 640, height: 400 },
  ],
])('the window opens %s', (_name, kept, screens, wanted) => {
  expect(fitBounds(kept, screens)).toEqual(wanted)
})
