import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { splitPage } from '@bims/core'
import { planBatches, submitCall } from '../../src/client/batch.ts'
import { newRecord } from '../stub/records.ts'

describe('planBatches', () => {
  it('keeps order and limits, and loses nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30)),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 30, max: 300 }),
        (sizes, records, bytes) => {
          const parcels = sizes.map((size, i) => ({ records: [newRecord(i, { pad: 'x'.repeat(size) })] }))
          const batches = planBatches(parcels, { records, bytes })
          expect(batches.flat()).toEqual(parcels)
          for (const batch of batches) {
            const total = batch
              .flatMap(parcel => parcel.records)
              .reduce((sum, record) => sum + record.bytes.length + 1, 0)
            expect(batch.length === 1 || (batch.length <= records && total <= bytes)).toBe(true)
          }
        }
      )
    )
  })

  it('never goes over what the ledger takes', () => {
    const parcels = Array.from({ length: 2500 }, (_, i) => ({ records: [newRecord(i)] }))
    expect(planBatches(parcels, { records: 1e9, bytes: 1e12 }).map(batch => batch.length)).toEqual([1000, 1000, 500])
  })
})

describe('submitCall', () => {
  it('names every record once, in the order of the page', () => {
    const records = [newRecord(2), newRecord(1), newRecord(2)]
    const { argument, transient } = submitCall(records)
    expect(JSON.parse(argument)).toEqual({
      records: records.slice(0, 2).map(({ kind, id, schema }) => ({ kind, id, schema }))
    })
    expect(splitPage(inflateSync(transient['page']!))?.map(bytes => Buffer.from(bytes).toString())).toEqual([
      '{"n":2,"schema":"bims.macro/1"}',
      '{"n":1,"schema":"bims.macro/1"}'
    ])
  })
})
