import { join } from 'node:path'
import type { Ledger } from '@bims/ledger'
import { networkDown, networkUp } from '@bims/network'
import { byTurns, timed, type Benchmark } from './benchmark.ts'
import { imageRecords, type ImageRecord } from './image-records.ts'
import { openAsDefault } from './open-ledger.ts'
import { right, rightOf } from './right.ts'
import { withScratchFolder } from './scratch-folder.ts'

/** Records on the large ledger; BIMS_BENCH_LOOKUP=100000 for a quick run. */
const large = Number(process.env['BIMS_BENCH_LOOKUP'] ?? 1_000_000)
const small = 10_000
const portion = 10_000
const lookups = 100

interface Filled {
  readonly ledger: Ledger
  /** Some of the records, from all times. */
  readonly known: readonly ImageRecord[]
}

const fill = async (profile: string, count: number): Promise<Filled> => {
  const ledger = await openAsDefault(profile, { batch: { records: 1000, bytes: 4 * 1024 * 1024 } })
  const known: ImageRecord[] = []
  for (let done = 0; done < count; done += portion) {
    const records = imageRecords(Math.min(portion, count - done))
    const outcomes = await right(ledger.submit(records))
    const wrong = outcomes.find(({ status }) => status !== 'committed')
    if (wrong !== undefined) throw new Error(wrong.error?.what ?? 'a record is not committed')
    known.push(...records.filter((_, i) => i % Math.max(1, Math.floor(count / 1000)) === 0))
    if ((done / portion) % 10 === 9) console.error(`  ${done + portion} of ${count} records`)
  }
  // As it is kept by whoever submits much: no bucket with many small runs.
  await right(ledger.mergeIndex())
  return { ledger, known }
}

const lookUp = async ({ ledger, known }: Filled): Promise<number> => {
  const some = Array.from({ length: lookups }, () => known[Math.floor(Math.random() * known.length)])
  return timed(async () => {
    for (const image of some) {
      if (image === undefined) continue
      rightOf(await ledger.read(image.id)())
      let found = false
      for await (const one of ledger.find({ image: image.content })) found ||= rightOf(one).id === image.id
      if (!found) throw new Error(`${image.content} is not found`)
    }
  })
}

/** How a lookup slows down as the ledger grows a hundredfold. */
export const ledgerLookup: Benchmark = {
  name: 'ledger-lookup',
  what: `lookup by id and by content among ${large} records against ${small}, embedded ledger`,
  goal: 1.2,
  run: () =>
    withScratchFolder(async folder => {
      const [few, many] = [join(folder, 'few'), join(folder, 'many')]
      try {
        const [fewUp, manyUp] = [await networkUp(few), await networkUp(many)]
        const [fewFilled, manyFilled] = [await fill(fewUp.profile, small), await fill(manyUp.profile, large)]
        await lookUp(fewFilled)
        await lookUp(manyFilled)
        const { subject, baseline } = await byTurns(
          7,
          () => lookUp(manyFilled),
          () => lookUp(fewFilled)
        )
        fewFilled.ledger.close()
        manyFilled.ledger.close()
        return {
          ratio: subject / baseline,
          figures: [
            `among ${large}: ${(subject / lookups).toFixed(2)} ms for both lookups`,
            `among ${small}: ${(baseline / lookups).toFixed(2)} ms`
          ]
        }
      } finally {
        await networkDown(few)
        await networkDown(many)
      }
    })
}
