import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  idOf,
  kindOfSchema,
  parseRecord,
  readRecordValue,
  recordBounds,
  recordSchemas,
  sealRecord,
  toJson,
  utf8,
  type Instrument,
  type JsonValue
} from '@bims/core'
import { codeOf, left, right } from '../fixtures/either.ts'
import { acquisition, instrument, macro, manifest } from '../fixtures/example-records.ts'

const all = [instrument, acquisition, macro, manifest]

describe('a sealed record', () => {
  it('has the id of its canonical bytes, and comes back from them', () => {
    for (const sealed of all) {
      expect(sealed.id).toBe(idOf(sealed.bytes))
      expect(canonicalBytes(toJson(sealed.record))).toEqual(sealed.bytes)
      expect(parseRecord(sealed.bytes)).toEqual(E.right(sealed))
    }
  })

  it('keeps members that a later minor version adds', () => {
    const later = { ...instrument.record, zone: { clean: true }, __later: [1] }
    const sealed = right(sealRecord('instrument', later))
    expect(right(parseRecord(sealed.bytes)).record).toEqual(later)
    expect(sealed.id).not.toBe(instrument.id)
  })

  it('may hold a member called __proto__ without harm', () => {
    const text = `{"__proto__":{"maker":"Evil"},"schema":"bims.instrument/1"}`
    const sealed = right(parseRecord(utf8(text)))
    expect(new TextDecoder().decode(sealed.bytes)).toBe(text)
    expect((sealed.record as Instrument).maker).toBeUndefined()
    expect(({} as { maker?: string }).maker).toBeUndefined()
  })

  it('is at most 256 KiB and 64 levels', () => {
    const withSerial = (serial: string) => sealRecord('instrument', { schema: 'bims.instrument/1', serial })
    const empty = right(withSerial('')).bytes.length
    const largest = right(withSerial('x'.repeat(recordBounds.bytes - empty)))
    expect(largest.bytes.length).toBe(recordBounds.bytes)
    expect(codeOf(parseRecord(largest.bytes))).toBe('none')
    expect(codeOf(withSerial('x'.repeat(recordBounds.bytes - empty + 1)))).toBe('record-too-large')
    let deep: JsonValue = 1
    for (let i = 0; i < 64; i++) deep = [deep]
    expect(codeOf(sealRecord('instrument', { schema: 'bims.instrument/1', deep } as never))).toBe('record-too-large')
    expect(codeOf(readRecordValue({ schema: 'bims.instrument/1', deep }))).toBe('record-too-large')
    expect(
      codeOf(
        sealRecord('instrument', { schema: 'bims.instrument/1', deep: (deep as readonly JsonValue[])[0] } as never)
      )
    ).toBe('none')
  })

  it('lies in the value domain and has the form of its schema', () => {
    expect(codeOf(sealRecord('instrument', { schema: 'bims.instrument/1', maker: NaN } as never))).toBe('json-value')
    expect(codeOf(sealRecord('instrument', { schema: 'bims.instrument/1', maker: 5 } as never))).toBe('record-schema')
    expect(codeOf(sealRecord('macro', instrument.record as never))).toBe('record-schema')
  })
})

describe('schemas', () => {
  it('tell the kind', () => {
    for (const [kind, schema] of Object.entries(recordSchemas)) expect(kindOfSchema(schema)).toEqual(E.right(kind))
  })

  it('of a newer major are refused as such, others as not ours', () => {
    expect(codeOf(kindOfSchema('bims.macro/2'))).toBe('record-major')
    expect(codeOf(parseRecord(utf8('{"schema":"bims.manifest/17"}')))).toBe('record-major')
    for (const schema of [
      'bims.macro/0',
      'bims.macro/1.1',
      'bims.macro/',
      'bims.macro',
      'other/1',
      'bims.bundle/1',
      '',
      5,
      null,
      undefined,
      { a: 1 },
      ['bims.macro/1']
    ]) {
      expect(codeOf(kindOfSchema(schema)), JSON.stringify(schema)).toBe('record-schema')
    }
    expect(left(kindOfSchema('x'.repeat(1_000_000))).what.length).toBeLessThan(200)
    for (const text of ['null', '[]', '"x"', '5', '{}']) expect(codeOf(parseRecord(utf8(text)))).toBe('record-schema')
  })
})
