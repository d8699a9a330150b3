import { describe, expect, it } from 'vitest'
import { text } from '../client.ts'
import { fresh } from './observations.ts'
import type { ConformanceContext } from './context.ts'

interface Page {
  readonly keys: readonly string[]
  readonly bookmark: string
  readonly count: number
}

/** Ranges, pages, composite keys, history. */
export const queries = (on: ConformanceContext): void => {
  describe('queries', () => {
    it('ranges come in the order of their bytes, the end left out, over several answers', async () => {
      const prefix = fresh('q')
      await on.contract.submitTransaction('putMany', prefix, '230', 'x')
      const keys: string[] = JSON.parse(text(await on.contract.evaluateTransaction('keys', prefix, `${prefix}00229`)))
      expect(keys).toEqual(Array.from({ length: 229 }, (_, i) => `${prefix}${String(i).padStart(5, '0')}`))
    })

    it('keys sort by their UTF-8 bytes', async () => {
      const prefix = fresh('u')
      for (const end of ['z', 'é', '\u{ffff}', '\u{1f600}', 'A'])
        await on.contract.submitTransaction('put', prefix + end, 'x')
      const keys: string[] = JSON.parse(
        text(await on.contract.evaluateTransaction('keys', prefix, `${prefix}\u{10ffff}`))
      )
      expect(keys).toEqual(['A', 'z', 'é', '\u{ffff}', '\u{1f600}'].map(end => prefix + end))
    })

    it('pages go on at the bookmark, and the last one has none', async () => {
      const prefix = fresh('p')
      await on.contract.submitTransaction('putMany', prefix, '5', 'x')
      const page = async (bookmark: string): Promise<Page> =>
        JSON.parse(text(await on.contract.evaluateTransaction('page', prefix, `${prefix}~`, '2', bookmark))) as Page
      const first = await page('')
      expect(first).toEqual({ keys: [`${prefix}00000`, `${prefix}00001`], bookmark: `${prefix}00002`, count: 2 })
      const second = await page(first.bookmark)
      expect(await page(second.bookmark)).toEqual({ keys: [`${prefix}00004`], bookmark: '', count: 1 })
    })

    it('composite keys are found by their first parts', async () => {
      const [type, a] = [fresh('type'), fresh('a')]
      for (const b of ['1', '2']) await on.contract.submitTransaction('putPair', type, a, b)
      await on.contract.submitTransaction('putPair', type, `${a}x`, '3')
      expect(JSON.parse(text(await on.contract.evaluateTransaction('pairs', type, a)))).toEqual([
        [a, '1'],
        [a, '2']
      ])
    })

    it('history tells every write, the newest first', async () => {
      const key = fresh('h')
      for (const value of ['1', '2']) await on.contract.submitTransaction('put', key, value)
      await on.contract.submitTransaction('del', key)
      const entries: { value: string; isDelete: boolean; txId: string; seconds: number }[] = JSON.parse(
        text(await on.contract.evaluateTransaction('history', key))
      )
      expect(entries.map(({ value, isDelete }) => ({ value, isDelete }))).toEqual([
        { value: '', isDelete: true },
        { value: '2', isDelete: false },
        { value: '1', isDelete: false }
      ])
      for (const entry of entries) {
        expect(entry.txId).toMatch(/^[0-9a-f]{64}$/)
        expect(Math.abs(entry.seconds - Date.now() / 1000)).toBeLessThan(300)
      }
    })
  })
}
