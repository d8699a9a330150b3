import { join } from 'node:path'
import type { LedgerRecord } from '@bims/core'
import type { Ledger } from '@bims/ledger'
import { fabricDown, fabricUp, networkDown, networkUp } from '@bims/network'
import { acquisitionRecords } from './acquisition-records.ts'
import { timed, type Benchmark } from './benchmark.ts'
import { imageRecords, type ImageRecord } from './image-records.ts'
import { openAsDefault } from './open-ledger.ts'
import { right, rightOf } from './right.ts'
import { withScratchFolder } from './scratch-folder.ts'
import { submitSingly } from './single-submits.ts'

/**
 * Records at once: as many as keep a network busy for some six seconds, of which the first goes by until its code is fast.
 * BIMS_BENCH_RECORDS makes it smaller or larger.
 */
const counts = { embedded: 60_000, fabric: 20_000 }
const asked = process.env['BIMS_BENCH_RECORDS']
const singles = 600
const singlesInFlight = 100
const samples = 1000

/** How many records a second a network owes; the embedded ledger on two cores. */
const owed = { embedded: 10_000, fabric: 0 }

const submitAll = async (ledger: Ledger, records: readonly LedgerRecord[]): Promise<void> => {
  const outcomes = await right(ledger.submit(records))
  const wrong = outcomes.find(({ status }) => status !== 'committed')
  if (wrong !== undefined || outcomes.length !== records.length)
    throw new Error(wrong?.error?.what ?? 'a record is missing')
}

const isFound = async (ledger: Ledger, { id, content }: ImageRecord): Promise<boolean> => {
  const standing = await ledger.read(id)()
  if (standing._tag === 'Left') return false
  for await (const found of ledger.find({ image: content })) if (rightOf(found).id === id) return true
  return false
}

/** How many of some random records are not found, by id and by content. */
const missingOf = async (ledger: Ledger, images: readonly ImageRecord[]): Promise<number> => {
  let missing = 0
  const some = Array.from({ length: samples }, () => images[Math.floor(Math.random() * images.length)])
  const queue = some.values()
  const lane = async (): Promise<void> => {
    for (const image of queue) if (image !== undefined && !(await isFound(ledger, image))) missing++
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return missing
}

interface Network {
  readonly kind: 'embedded' | 'fabric'
  readonly profile: string
  readonly inFlight: number
}

const measure = async ({ kind, profile, inFlight }: Network): Promise<Awaited<ReturnType<Benchmark['run']>>> => {
  const ledger = await openAsDefault(profile, { batch: { records: 1000, bytes: 4 * 1024 * 1024 }, inFlight })
  await submitAll(ledger, acquisitionRecords('warm up', 1000))
  await submitSingly(profile, acquisitionRecords('warm up singly', 20), 10)
  const count = asked === undefined ? counts[kind] : Number(asked)
  const one = imageRecords(singles)
  const singly = await timed(() => submitSingly(profile, one, singlesInFlight))
  const images = imageRecords(count / 2)
  const records = [...images, ...acquisitionRecords('at once', count / 2)]
  const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0)
  const atOnce = await timed(() => submitAll(ledger, records))
  const missing = await missingOf(ledger, images)
  ledger.close()
  const rate = (count / atOnce) * 1000
  return {
    ratio: atOnce / count / (singly / singles),
    alsoHolds: missing === 0 && rate >= owed[kind],
    figures: [
      `${kind}: ${count} records of ${Math.round(bytes / count)} bytes at once: ${rate.toFixed(0)} a second` +
        (owed[kind] > 0 ? ` (owed: ${owed[kind]})` : ''),
      `one a transaction, ${singlesInFlight} in flight, fabric-gateway's own signer: ${((singles / singly) * 1000).toFixed(0)} a second`,
      `${(singly / singles / (atOnce / count)).toFixed(1)} times as many`,
      `${samples} random records looked up by id and by content after the last acknowledgement: ${missing} missing`
    ]
  }
}

/** Records made durable, findable and acknowledged on the embedded ledger. */
export const ledgerThroughput: Benchmark = {
  name: 'ledger-throughput',
  what: 'records of 2 KB at once against one a transaction, embedded ledger (time per record)',
  goal: 0.1,
  run: () =>
    withScratchFolder(async folder => {
      const dir = join(folder, 'network')
      const { profile } = await networkUp(dir)
      try {
        return await measure({ kind: 'embedded', profile, inFlight: 4 })
      } finally {
        await networkDown(dir)
      }
    })
}

/** The same on a real Fabric network, where its programs are found. */
export const fabricThroughput: Benchmark = {
  name: 'fabric-throughput',
  what: 'records of 2 KB at once against one a transaction, real Fabric (time per record)',
  goal: 0.1,
  run: async () => {
    if (process.env['FABRIC_BIN'] === undefined)
      return { ratio: 0, figures: ['SKIPPED: set FABRIC_BIN to the folder of Fabric’s programs'] }
    return withScratchFolder(async folder => {
      const dir = join(folder, 'fabric')
      const { profile } = await fabricUp(dir)
      try {
        return await measure({ kind: 'fabric', profile, inFlight: 6 })
      } finally {
        await fabricDown(dir)
      }
    })
  }
}
