import * as E from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleBytes, newBundle, parseBundle, utf8, type Bundle } from '@bims/core'
import { codeOf, left, right } from '../fixtures/either.ts'
import { newExampleBundle } from '../fixtures/example-bundle.ts'
import { acquisition, instrument, macro, manifest } from '../fixtures/example-records.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

let bundle: Bundle
let bytes: Uint8Array
beforeAll(async () => ({ bundle, bytes } = await newExampleBundle()))

const text = (change: (json: Record<string, unknown>) => void): Uint8Array => {
  const json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  change(json)
  return bundleBytes(json as never)
}

describe('a bundle', () => {
  it('comes back from its bytes, to the byte', () => {
    const read = right(parseBundle(bytes))
    expect(read.bundle).toEqual(bundle)
    expect(bundleBytes(read.bundle)).toEqual(bytes)
    expect(read.manifest.id).toBe(manifest.id)
    expect(read.records.map(record => record.id)).toEqual(
      [instrument, acquisition, macro].map(record => record.id).sort()
    )
  })

  it('carries the undo of its container', () => {
    const original = { length: 1234, firstDirectory: 8 }
    expect(right(parseBundle(bundleBytes(bundle, original))).bundle.original).toEqual(original)
  })

  it('holds each record once, sorted, whole rather than by its id', () => {
    const made = newBundle({ manifest, records: [macro.id, macro, instrument, macro, macro.id, acquisition.id] })
    const ids = made.records.map(record => (typeof record === 'string' ? record : record.schema))
    expect(ids.filter(id => id === 'bims.macro/1')).toHaveLength(1)
    expect(ids).toHaveLength(3)
    expect(E.isRight(parseBundle(bundleBytes(made)))).toBe(true)
    expect(codeOf(parseBundle(bundleBytes({ ...made, records: made.records.toReversed() })))).toBe('record-schema')
    expect(
      codeOf(parseBundle(bundleBytes({ ...made, records: [...made.records, made.records.at(-1) as string] })))
    ).toBe('record-schema')
  })

  it('keeps members that a later minor version adds, at every level', () => {
    const later = text(json => {
      json['later'] = { a: 1 }
      ;(json['signatures'] as Record<string, unknown>[])[0]!['later'] = 1
      ;(json['attachments'] as Record<string, unknown>[])[0]!['later'] = 1
      ;(json['manifest'] as Record<string, unknown>)['later'] = [1]
      Object.defineProperty(json, '__proto__', { value: { a: 1 }, enumerable: true })
    })
    const read = right(parseBundle(later))
    expect(bundleBytes(read.bundle)).toEqual(later)
    expect(read.manifest.id).not.toBe(manifest.id)
  })
})

describe('what is no bundle', () => {
  it.each([
    ['', 'bundle-foreign'],
    ['GIF89a', 'bundle-foreign'],
    ['null', 'bundle-foreign'],
    ['[]', 'bundle-foreign'],
    ['{}', 'bundle-foreign'],
    ['{"schema":"other/1"}', 'bundle-foreign'],
    ['{"schema":"bims.manifest/1"}', 'bundle-foreign'],
    ['{"schema":5}', 'bundle-foreign'],
    ['{"schema":"bims.bundle/2"}', 'record-major'],
    ['{"schema":"bims.bundle/1"}', 'record-schema'],
    ['{"schema": "bims.bundle/1"}', 'json-not-canonical'],
    ['['.repeat(100), 'json-bounds']
  ])('%s is refused: %s', (bad, code) => {
    expect(codeOf(parseBundle(utf8(bad)))).toBe(code)
  })

  it('a record or manifest of a newer major is told as such', () => {
    for (const change of [
      (json: Record<string, unknown>) => ((json['manifest'] as Record<string, unknown>)['schema'] = 'bims.manifest/2'),
      (json: Record<string, unknown>) => ((json['records'] as Record<string, unknown>[])[0]!['schema'] = 'bims.macro/3')
    ]) {
      expect(codeOf(parseBundle(text(change)))).toBe('record-major')
    }
  })

  it('a record of no schema says what is wrong', () => {
    const error = left(
      parseBundle(text(json => ((json['records'] as Record<string, unknown>[])[0]!['schema'] = 'other/1')))
    )
    expect(error.issues?.[0]?.at).toBe('/records/0')
    expect(error.what).toContain('not the schema of a BIMS record')
  })

  it('bytes after the bundle, or a byte order mark before it, are refused', () => {
    expect(codeOf(parseBundle(Uint8Array.of(...bytes, 0)))).toBe('bundle-foreign')
    expect(codeOf(parseBundle(Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes)))).toBe('bundle-foreign')
  })
})

describe('hostile size', () => {
  it.each([['[]'], ['{}'], ['0'], ['""']])('millions of %s end soon', item => {
    const many = (n: number): Uint8Array =>
      utf8(
        `{"attachments":[${`${item},`.repeat(n)}${item}],"manifest":{},"openings":[],"receipts":[],"records":[],"schema":"bims.bundle/1","signatures":[]}`
      )
    expect(codeOf(parseBundle(many(300_000)))).toBe('record-schema')
    expect(codeOf(parseBundle(many(6_000_000)))).toBe('json-bounds')
  })
})
