import { expect, test } from 'vitest'
import { chatModels } from '../../renderer/chat/chat-models.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { cannedModel } from '../views/canned-worker.ts'

test('a question can go to the models that make text, and to no other', () => {
  const [worker] = cannedMeshes.one
  if (!worker) throw new Error('there is no Mac')
  const models = [
    cannedModel('org/talks', 1, 'ready'),
    cannedModel('org/embeds', 1, 'ready', { kind: 'embedding' }),
  ]
  expect(chatModels([{ ...worker, models }]).map(({ modelId }) => modelId)).toEqual(['org/talks'])
})
