import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerRecord } from '@bims/core'
import type { Ledger } from '@bims/ledger'
import { networkDown, networkUp } from '@bims/network'
import { type Benchmark, timed } from './benchmark.ts'
import { acquisitionRecords } from './acquisition-records.ts'
import { openAsDefault } from './open-ledger.ts'
import { right } from './right.ts'
import { withScratchFolder } from './scratch-folder.ts'

type Records = readonly LedgerRecord[]

const submit = async (ledger: Ledger, records: Records): Promise<void> => {
  const outcomes = await right(ledger.submit(records))
  const wrong = outcomes.find(({ status }) => status !== 'committed')
  if (wrong !== undefined || outcomes.length !== records.length)
    throw new Error(wrong?.error?.what ?? 'a record is missing')
}

const syncEach = async (path: string, records: Records): Promise<void> => {
  const file = await open(path, 'w')
  for (const { bytes } of records) {
    await file.write(bytes)
    await file.sync()
  }
  await file.close()
}

const count = 1000
const single = 50

/** A thousand records at once against one after another, each acknowledged before the next is sent. */
export const submitRecords: Benchmark = {
  name: 'submit-records',
  what: '1,000 records submitted at once against one by one, durable on the embedded ledger (per record)',
  goal: 0.1,
  run: () =>
    withScratchFolder(async folder => {
      const dir = join(folder, 'network')
      const { profile } = await networkUp(dir)
      try {
        const ledger = await openAsDefault(profile)
        await submit(ledger, acquisitionRecords('warm up', 10))
        const oneByOne = await timed(async () => {
          for (const record of acquisitionRecords('one by one', single)) await submit(ledger, [record])
        })
        const records = acquisitionRecords('at once', count)
        const atOnce = await timed(() => submit(ledger, records))
        const synced = await timed(() => syncEach(join(folder, 'records'), records))
        ledger.close()
        return {
          ratio: atOnce / count / (oneByOne / single),
          figures: [
            `at once ${atOnce.toFixed(0)} ms for ${count}: ${((count / atOnce) * 1000).toFixed(0)} records a second`,
            `one by one ${(oneByOne / single).toFixed(1)} ms a record`,
            `the disk alone, ${count} writes each with fsync: ${synced.toFixed(0)} ms`
          ]
        }
      } finally {
        await networkDown(dir)
      }
    })
}
