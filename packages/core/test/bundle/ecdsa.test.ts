import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromDerSignature, fromHex, toDerSignature, toHex } from '@bims/core'

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const raw = (r: bigint, s: bigint): Uint8Array =>
  fromHex(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0')) ?? new Uint8Array()
const der = (hex: string): Uint8Array | undefined =>
  fromDerSignature(fromHex(hex.replaceAll(' ', '')) ?? new Uint8Array())

describe('a signature in DER', () => {
  it('comes back, with a low S', () => {
    const scalar = fc.bigInt({ min: 1n, max: order - 1n })
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const low = s > order / 2n ? order - s : s
        expect(fromDerSignature(toDerSignature(raw(r, s)))).toEqual(raw(r, low))
        expect(toDerSignature(raw(r, s)).length).toBeLessThanOrEqual(72)
      })
    )
  })

  it('has one form', () => {
    expect(toHex(der('30 06 02 01 01 02 01 02') ?? new Uint8Array())).toBe(toHex(raw(1n, 2n)))
    expect(toHex(der('30 08 02 02 0080 02 02 00ff') ?? new Uint8Array())).toBe(toHex(raw(128n, 255n)))
    for (const bad of [
      '',
      '30',
      '3000',
      '30 06 02 01 01 02 01',
      '30 06 02 01 01 02 01 02 00',
      '30 07 02 01 01 02 01 02 00',
      '30 81 06 02 01 01 02 01 02',
      '31 06 02 01 01 02 01 02',
      '30 07 02 02 0001 02 01 02',
      '30 06 02 01 81 02 01 02',
      '30 06 02 01 00 02 01 02',
      '30 06 02 01 01 02 01 00',
      '30 05 02 00 02 01 02',
      '30 06 03 01 01 02 01 02',
      '30 07 02 81 01 01 02 01 02',
      '30 80 02 01 01 02 01 02 00 00'
    ]) {
      expect(der(bad), bad).toBeUndefined()
    }
  })

  it('is refused with a high S, or numbers outside of the group', () => {
    const integer = (n: bigint): string => {
      const hex = n.toString(16).padStart(2 * Math.ceil(n.toString(16).length / 2), '0')
      const bytes = Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex
      return `02${(bytes.length / 2).toString(16).padStart(2, '0')}${bytes}`
    }
    const sequence = (r: bigint, s: bigint): Uint8Array | undefined => {
      const body = integer(r) + integer(s)
      return der(`30${(body.length / 2).toString(16).padStart(2, '0')}${body}`)
    }
    expect(sequence(order - 1n, order / 2n)).toBeDefined()
    expect(sequence(1n, order / 2n + 1n)).toBeUndefined()
    expect(sequence(order, 1n)).toBeUndefined()
    expect(sequence(1n << 260n, 1n)).toBeUndefined()
  })

  it('of any bytes never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        const signature = fromDerSignature(bytes)
        if (signature !== undefined) expect(toDerSignature(signature)).toEqual(bytes)
      })
    )
  })
})
