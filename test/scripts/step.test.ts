import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isDone, makeStep, type Step } from '../../scripts/setup/step.mjs'
import { makeTempFolder } from '../support/temp-folder.ts'

const noReport = () => {}

function partStep(root: string, changes: Partial<Step> = {}): Step {
  return {
    name: 'part',
    folder: join(root, 'runtime', 'part'),
    proof: 'program',
    inputs: () => ['version 1'],
    make: async folder => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'program'), 'works')
    },
    ...changes,
  }
}

describe.each([{ inPlace: false }, { inPlace: true }])(
  'a set-up step with inPlace: $inPlace',
  ({ inPlace }) => {
    test('is done once it has been made, and not before', async () => {
      const root = makeTempFolder()
      const step = partStep(root, { inPlace })
      expect(isDone(step)).toBe(false)
      await makeStep(step, join(root, 'partial'), noReport)
      expect(isDone(step)).toBe(true)
      expect(readFileSync(join(step.folder, 'program'), 'utf8')).toBe('works')
    })

    test('is made anew when what it depends on has changed', async () => {
      const root = makeTempFolder()
      await makeStep(partStep(root, { inPlace }), join(root, 'partial'), noReport)
      expect(isDone(partStep(root, { inPlace, inputs: () => ['version 2'] }))).toBe(false)
    })

    test('is made anew when its proof has gone, whatever the stamp says', async () => {
      const root = makeTempFolder()
      const step = partStep(root, { inPlace })
      await makeStep(step, join(root, 'partial'), noReport)
      rmSync(join(step.folder, 'program'))
      expect(isDone(step)).toBe(false)
    })

    test('leaves nothing that counts as done when it breaks in the middle, and the next try starts clean', async () => {
      const root = makeTempFolder()
      await makeStep(partStep(root, { inPlace }), join(root, 'partial'), noReport)
      const broken = partStep(root, {
        inPlace,
        inputs: () => ['version 2'],
        make: async folder => {
          mkdirSync(folder, { recursive: true })
          writeFileSync(join(folder, 'program'), 'half')
          writeFileSync(join(folder, 'litter'), '')
          throw new Error('killed')
        },
      })
      await expect(makeStep(broken, join(root, 'partial'), noReport)).rejects.toThrow('killed')
      expect(isDone(broken)).toBe(false)

      const mended = partStep(root, { inPlace, inputs: () => ['version 2'] })
      await makeStep(mended, join(root, 'partial'), noReport)
      expect(isDone(mended)).toBe(true)
      expect(readdirSync(mended.folder).sort()).toEqual(['.set-up-stamp', 'program'])
    })
  },
)

test('while a part is made elsewhere, the old one stays usable', async () => {
  const root = makeTempFolder()
  const step = partStep(root)
  await makeStep(step, join(root, 'partial'), noReport)
  const renewed = partStep(root, {
    inputs: () => ['version 2'],
    make: async folder => {
      expect(existsSync(join(step.folder, 'program'))).toBe(true)
      await step.make(folder, noReport)
    },
  })
  await makeStep(renewed, join(root, 'partial'), noReport)
  expect(isDone(renewed)).toBe(true)
})
