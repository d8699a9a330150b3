import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  checkOpening,
  isWithheld,
  openValues,
  sha256,
  toBase64,
  toHex,
  withhold,
  type JsonValue
} from '@bims/core'
import { codeOf } from '../fixtures/either.ts'
import { saltOf } from '../fixtures/salts.ts'

const salt = saltOf('x')

describe('a withheld value', () => {
  it('is SHA-256(0x02, salt, canonical value)', () => {
    const { withheld } = withhold({ b: 1, a: 'µ' }, salt)
    expect(withheld.$withheld).toBe(`sha256:${toHex(sha256(Uint8Array.of(2), salt, canonicalBytes({ a: 'µ', b: 1 })))}`)
    expect(isWithheld(withheld)).toBe(true)
    expect(isWithheld('x')).toBe(false)
  })

  it('is opened by its opening alone', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (any, salt) => {
          const value = JSON.parse(JSON.stringify(any).replaceAll('-0', '0')) as JsonValue
          const { opening, withheld } = withhold(value, salt)
          expect(codeOf(checkOpening(opening))).toBe('none')
          expect(openValues({ a: [withheld] }, [opening])).toEqual({ a: [value] })
        }
      )
    )
    const { opening } = withhold('secret', salt)
    for (const wrong of [
      { ...opening, value: 'Secret' },
      { ...opening, salt: toBase64(saltOf('y')) },
      { ...opening, salt: toBase64(salt.slice(1)) },
      { ...opening, salt: 'no' },
      { ...opening, withheld: withhold('other', salt).withheld.$withheld }
    ]) {
      expect(codeOf(checkOpening(wrong))).toBe('withheld-opening')
    }
  })

  it('may be null, and may stand inside another', () => {
    const nothing = withhold(null, salt)
    const outer = withhold({ inner: nothing.withheld }, saltOf('outer'))
    expect(openValues(outer.withheld, [nothing.opening, outer.opening])).toEqual({ inner: null })
    expect(openValues(outer.withheld, [outer.opening])).toEqual({ inner: nothing.withheld })
  })

  it('stays where the opening is forged, even into a circle', () => {
    const { opening, withheld } = withhold('secret', salt)
    expect(openValues([withheld], [{ ...opening, value: 'forged' }])).toEqual([withheld])
    expect(openValues([withheld], [{ ...opening, value: [withheld] }])).toEqual([withheld])
  })
})
