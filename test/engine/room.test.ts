import { describe, expect, it } from 'vitest'
import { type Occupant, overgrown, planRoom } from '../../main/engine/room.ts'

const limits = { budgetBytes: 100, maxLoaded: 3 }

/** `a40` holds 40 and is idle, `a40^` is pinned, too, `a40!` is in use, `a40-` is on its way out; the first of a list has been idle for longest. */
function occupants(text: string): Occupant[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word, index) => ({
      modelId: word.charAt(0),
      memoryBytes: Number.parseInt(word.slice(1), 10),
      lastUsedAtMs: index,
      isIdle: /[\d^]$/.test(word),
      isPinned: word.endsWith('^'),
      isLeaving: word.endsWith('-'),
    }))
}

describe('room for another model', () => {
  it.each([
    { title: 'is there when nothing is loaded, up to the whole budget', need: 100, loaded: '', plan: 'fits' },
    { title: 'never comes for one that exceeds the budget', need: 101, loaded: '', plan: 'never' },
    { title: 'is there up to 80 % beside others', need: 40, loaded: 'a40!', plan: 'fits' },
    { title: 'is waited for when others are in use', need: 41, loaded: 'a40!', plan: 'wait' },
    { title: 'is made by the least recently used', need: 40, loaded: 'a30 b30', plan: 'evict a' },
    {
      title: 'is made by the least recently used that is idle',
      need: 40,
      loaded: 'a30! b30',
      plan: 'evict b',
    },
    { title: 'is made by as many as it takes', need: 70, loaded: 'a30 b10 c20', plan: 'evict a b c' },
    { title: 'is not made by evicting in vain', need: 70, loaded: 'a30! b30', plan: 'wait' },
    { title: 'depends on the number of models too', need: 1, loaded: 'a1! b1! c1', plan: 'evict c' },
    { title: 'is never made by one that is pinned', need: 40, loaded: 'a30^ b30', plan: 'evict b' },
    { title: 'never comes beside pinned ones that fill it', need: 40, loaded: 'a41^', plan: 'pinned a' },
    {
      title: 'never comes where all places are pinned',
      need: 1,
      loaded: 'a1^ b1^ c1^',
      plan: 'pinned a b c',
    },
    {
      title: 'is waited for beside pinned ones that leave some',
      need: 40,
      loaded: 'a40^ b20!',
      plan: 'wait',
    },
    { title: 'is waited for where one that leaves makes it', need: 40, loaded: 'a40- b40', plan: 'wait' },
    {
      title: 'is made by more where one that leaves is not enough',
      need: 40,
      loaded: 'a20- b30 c30',
      plan: 'evict b',
    },
  ])('$title', ({ need, loaded, plan }) => {
    const made = planRoom(need, occupants(loaded), limits)
    expect([made.kind, ...('modelIds' in made ? made.modelIds : [])].join(' ')).toBe(plan)
  })
})

describe('models that have grown over 80 % of the budget', () => {
  it.each([
    { title: 'are none while all fit', loaded: 'a40 b40', gone: '' },
    { title: 'lose the least recently used', loaded: 'a41 b40', gone: 'a' },
    { title: 'lose the least recently used that is idle', loaded: 'a41! b20 c20', gone: 'b' },
    { title: 'lose as many as it takes', loaded: 'a10 b10 c81!', gone: 'a b' },
    { title: 'lose none where one that leaves is enough', loaded: 'a20- b40 c40', gone: '' },
    { title: 'may fill the whole budget alone', loaded: 'a100', gone: '' },
    { title: 'stay while they are pinned', loaded: 'a41^ b40', gone: 'b' },
    { title: 'stay while they are in use', loaded: 'a60! b60!', gone: '' },
  ])('$title', ({ loaded, gone }) => {
    expect(overgrown(occupants(loaded), limits).join(' ')).toBe(gone)
  })
})
