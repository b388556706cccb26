import { expect, test } from 'vitest'
import { keys } from '../../main/config/keys.ts'
import { nameOf } from '../../renderer/settings/setting-words.ts'
import { topicOf } from '../../renderer/settings/topics.ts'

test('every setting stands under a topic, with a name that says more than its key', () => {
  const paths = [...keys.keys()].filter(key => !key.startsWith('models.tier_preferences.'))
  expect(paths.filter(key => topicOf({ key })?.id === 'other')).toEqual([])
  const bare = paths.filter(key => nameOf({ key }).toLowerCase() === key.split('.').slice(-1).join(''))
  expect(bare, 'a key, capitalised').toEqual(['controller.port'])
})
