import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newTurns } from '../../src/embedded/turns.ts'

describe('turns', () => {
  it('are taken by one at a time, in the order in which they were asked for, whatever comes of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.boolean(), { maxLength: 8 }), async (scheduler, failing) => {
        const turns = newTurns()
        const told: string[] = []
        const work = async (fails: boolean, i: number): Promise<void> => {
          const leave = await turns.take()
          told.push(`begin ${i}`)
          try {
            await scheduler.schedule(Promise.resolve())
            if (fails) throw new Error('failed')
          } finally {
            told.push(`end ${i}`)
            leave()
          }
        }
        const all = Promise.allSettled(failing.map(work))
        await scheduler.waitFor(all)
        expect(told).toEqual(failing.flatMap((_, i) => [`begin ${i}`, `end ${i}`]))
      })
    )
  })
})
