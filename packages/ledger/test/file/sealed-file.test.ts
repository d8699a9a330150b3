import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { seal, unseal } from '../../src/file/sealed-file.ts'
import { parseEntry, parseTransaction, transactionBytes, entryBytes } from '../../src/outbox/entry.ts'
import { newRecord } from '../stub/records.ts'

describe('sealed files', () => {
  it('give back what was sealed', () => {
    fc.assert(
      fc.property(fc.uint8Array(), body => {
        expect(unseal('a/1', seal('a/1', body))).toEqual(body)
      })
    )
    expect(unseal('b/1', seal('a/1', new Uint8Array()))).toBeUndefined()
  })

  it('are not read with one bit changed, cut short, or with more', () => {
    const whole = entryBytes({ records: [newRecord(1), newRecord(2)] })
    expect(parseEntry('n', whole)?.records).toHaveLength(2)
    for (let i = 0; i < whole.length; i++) {
      expect(parseEntry('n', whole.subarray(0, i))).toBeUndefined()
      for (let bit = 0; bit < 8; bit++) {
        const hurt = Uint8Array.from(whole)
        hurt[i]! ^= 1 << bit
        expect(parseEntry('n', hurt)).toBeUndefined()
      }
    }
    expect(parseEntry('n', Buffer.concat([whole, Buffer.of(10)]))).toBeUndefined()
  })

  it('never throw, whatever they hold', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        bytes =>
          void [
            parseEntry('n', bytes),
            parseTransaction(bytes),
            parseEntry('n', seal('bims.outbox-entry/1', bytes)),
            parseTransaction(seal('bims.outbox-transaction/1', bytes))
          ]
      )
    )
  })

  it('hold a transaction with its entries', () => {
    const pending = {
      id: 'f'.repeat(64),
      entries: ['0mabcdefg-0123456789abcdef-2.entry'],
      bytes: Uint8Array.of(0, 10, 255)
    }
    expect(parseTransaction(transactionBytes(pending))).toEqual(pending)
    expect(parseTransaction(transactionBytes({ ...pending, entries: ['../../x'] }))).toBeUndefined()
  })
})
