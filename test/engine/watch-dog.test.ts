import { describe, expect, it } from 'vitest'
import { WatchDog } from '../../main/engine/watch-dog.ts'

const patience = { unanswered: 4, still: 15 }

/** One beat a second; `answer` says what the process answers to each ping. */
function watch(seconds: number, answer: (second: number, dog: WatchDog) => void): string | null {
  const dog = new WatchDog(patience)
  for (let second = 0; second < seconds; second++) {
    const hang = dog.beat()
    if (hang) return hang
    answer(second, dog)
  }
  return dog.beat()
}

const pong = (step: number, active = 0, queued = 0) => ({ step, active, queued })

describe('a model process', () => {
  it.each([
    { title: 'answers and is idle', answer: (_: number, dog: WatchDog) => dog.answered(pong(7)) },
    { title: 'makes steps', answer: (second: number, dog: WatchDog) => dog.answered(pong(second, 3)) },
    {
      title: 'works through a long prompt, chunk by chunk',
      answer: (second: number, dog: WatchDog) => {
        dog.answered(pong(0, 1))
        if (second % 10 === 9) dog.progressed()
      },
    },
    {
      title: 'answers late, but answers',
      answer: (second: number, dog: WatchDog) => second % 4 === 3 && dog.answered(pong(second, 1)),
    },
  ])('is well when it $title', ({ answer }) => {
    expect(watch(100, answer)).toBe(null)
  })

  it('hangs when it leaves four pings unanswered', () => {
    expect(watch(4, () => {})).toBe('did not answer for 4 s')
    expect(watch(3, () => {})).toBe(null)
  })

  it.each([
    { title: 'running', answered: pong(3, 1) },
    { title: 'waiting', answered: pong(3, 0, 1) },
  ])('hangs when its $title requests make no progress for 15 s', ({ answered }) => {
    const hang = watch(30, (_, dog) => dog.answered(answered))
    expect(hang).toBe('had requests and made no progress for 15 s')
  })

  it('is forgiven stillness from before it had requests', () => {
    const dog = new WatchDog(patience)
    for (let second = 0; second < 100; second++) {
      dog.beat()
      dog.answered(pong(3))
    }
    dog.answered(pong(3, 1))
    expect(dog.beat()).toBe(null)
  })
})
