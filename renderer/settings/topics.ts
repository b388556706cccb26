// Which setting belongs where. Pure.
import type { Setting } from '../../main/protocol/settings.ts'
import { nameOf } from './setting-words.ts'

export interface Topic {
  readonly id: string
  readonly name: string
  /** In one sentence, what is decided here. */
  readonly about: string
  readonly keys: RegExp
}

export const topics: readonly Topic[] = [
  {
    id: 'sharing',
    name: 'Sharing',
    about:
      'When this Mac works for the others. Its owner comes first; what is asked for here is always answered.',
    keys: /^sharing\./,
  },
  {
    id: 'address',
    name: 'This Mac and its address',
    about: 'What it does in the mesh, and where apps find it.',
    keys: /^(mode$|controller\.)/,
  },
  {
    id: 'finding',
    name: 'Finding other Macs',
    about: 'How Macs notice each other, and how they are connected.',
    keys: /^(discovery|nats|workers)\./,
  },
  {
    id: 'answering',
    name: 'Which Mac answers',
    about: 'How the Mac for a request is chosen.',
    keys: /^load_balancing\./,
  },
  { id: 'models', name: 'Models', about: 'What may be in memory and on the disk.', keys: /^models\./ },
  {
    id: 'monitoring',
    name: 'Logs and metrics',
    about: 'What is written down. Prompts and answers are not, unless you say so.',
    keys: /^monitoring\./,
  },
  { id: 'dashboard', name: 'Dashboard', about: 'This page.', keys: /^dashboard\./ },
  { id: 'updates', name: 'Updates', about: 'How the app gets newer versions.', keys: /^updates\./ },
  { id: 'other', name: 'Other', about: 'Everything else.', keys: /^/ },
]

export function topicOf({ key }: Pick<Setting, 'key'>): Topic | undefined {
  return topics.find(({ keys }) => keys.test(key))
}

/** Many and alike, or not to be changed here and as it always was: folded away. */
export function isFine({ key, readOnlyReason, source }: Setting): boolean {
  if (readOnlyReason !== null && source === 'default') return true
  return /^((models\.tier_preferences|nats|controller\.api)\.|sharing\.enabled$)/.test(key)
}

/** Everything that somebody might look for it by. */
export function isAbout(setting: Setting, text: string): boolean {
  const searched = [setting.key, nameOf(setting), setting.meaning, topicOf(setting)?.name ?? '']
  const haystack = searched.join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => haystack.includes(word))
}
