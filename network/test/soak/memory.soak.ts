import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Soak } from '../../../tools/soak/soak.ts'
import { networkDown, networkUp } from '../../src/index.ts'
import { newMacro, openAs, right } from '../ledger/open.ts'
import { trialFolder } from './kill-points.ts'
import { residentMegabytes } from './resident.ts'

const batch = 500

/** `pnpm soak memory --minutes N`. */
export const soak: Soak = {
  what: 'records of 2 KB are submitted without a pause: the memory of the embedded ledger is bounded, as its quarters show',
  run: async ({ minutes, say }) => {
    const dir = await trialFolder('memory')
    const { profile, pid } = await networkUp(join(dir, 'network'))
    const ledger = await openAs(profile, 'org1/alice')
    const [run, start] = [randomUUID(), Date.now()]
    const quarter = (minutes * 60_000) / 4
    const megabytes: number[] = []
    const wrong: string[] = []
    let records = 0
    try {
      while (megabytes.length < 5) {
        if (Date.now() - start >= megabytes.length * quarter) {
          megabytes.push((await residentMegabytes(pid)) ?? 0)
          say(`${records} records, ${megabytes.at(-1)} MB resident`)
        }
        const given = Array.from({ length: batch }, (_, i) => newMacro(run, records, i, 'x'.repeat(1900)))
        const outcomes = right(await ledger.submit(given)())
        wrong.push(...outcomes.flatMap(({ error }) => (error === undefined ? [] : [`${error.code}: ${error.what}`])))
        if (wrong.length > 0) break
        records += batch
      }
      say(`resident at the quarters: ${megabytes.join(', ')} MB, with ${records} records on the ledger`)
      const [, first = 0, , , last = 0] = megabytes
      // The first quarter fills caches and the heap; what comes after must not add up.
      if (last > 1.5 * first + 100) wrong.push(`the ledger grew from ${first} MB to ${last} MB`)
    } finally {
      ledger.close()
      await networkDown(join(dir, 'network'))
    }
    await rm(dir, { recursive: true })
    return wrong.slice(0, 10)
  }
}
