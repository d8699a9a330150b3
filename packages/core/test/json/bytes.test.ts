import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, equalBytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from '@bims/core'

describe('hex and base64', () => {
  it('come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      })
    )
  })

  it('come back where they are long', () => {
    const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i % 251)
    expect(equalBytes(fromBase64(toBase64(bytes)) ?? new Uint8Array(), bytes)).toBe(true)
  })

  it('have one form', () => {
    for (const text of [
      'A',
      'AA',
      'AAA',
      'AB==',
      'AAB=',
      'AA-_',
      '====',
      'A===',
      'AA==AA==',
      'AAAA\n',
      ' AAAA',
      '=AAA',
      'AA=A'
    ])
      expect(fromBase64(text), text).toBeUndefined()
    for (const text of ['a', 'AB', '0g', ' 00']) expect(fromHex(text), text).toBeUndefined()
  })

  it('a text is read as base64 only where it is written so', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', 'B', 'w', 'x', 'z', '0', '9', '+', '/', '='), maxLength: 12 }),
        text => {
          const bytes = fromBase64(text)
          if (bytes !== undefined) expect(toBase64(bytes)).toBe(text)
        }
      ),
      { numRuns: 2000 }
    )
  })
})

describe('UTF-8', () => {
  it('is read where it is valid, a byte order mark kept', () => {
    expect(fromUtf8(utf8('\ufeffµ'))).toBe('\ufeffµ')
    expect(fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
    expect(fromUtf8(Uint8Array.of(0xc0, 0x80))).toBeUndefined()
  })
})

it('bytes are put together and compared', () => {
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3))
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false)
  expect(equalBytes(Uint8Array.of(1, 3), Uint8Array.of(1, 2))).toBe(false)
})
