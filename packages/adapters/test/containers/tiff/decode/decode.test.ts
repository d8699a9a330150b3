import fc from 'fast-check'
import { deflateSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { codingOf, mayBeLossy } from '../../../../src/containers/tiff/decode/coding.ts'
import { decodeDeflate, decodeZstd } from '../../../../src/containers/tiff/decode/inflate.ts'
import { jpegFrame } from '../../../../src/containers/tiff/decode/jpeg.ts'
import { decodeLzw } from '../../../../src/containers/tiff/decode/lzw.ts'
import { decodePackBits } from '../../../../src/containers/tiff/decode/packbits.ts'
import { reverseBits, swapBytes, swappedByLoop, unpackBits } from '../../../../src/containers/tiff/decode/unpack.ts'
import { toBimsError } from '../../../../src/sources/attempt.ts'
import { pixelsOf } from '../fixture.ts'

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run()
    return 'none'
  } catch (thrown) {
    return toBimsError(thrown).code
  }
}

test('LZW: the example of TIFF 6.0, section 13', () => {
  // Codes 256 7 258 8 8 258 6 6 257 of 9 bits: 7 7 7 8 8 7 7 6 6.
  const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257]
  const bits = codes
    .map(code => code.toString(2).padStart(9, '0'))
    .join('')
    .padEnd(88, '0')
  const bytes = Uint8Array.from({ length: 11 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2))
  expect([...decodeLzw(bytes, 9)]).toEqual([7, 7, 7, 8, 8, 7, 7, 6, 6])
  expect([...decodeLzw(bytes, 4)]).toEqual([7, 7, 7, 8])
  expect([...decodeLzw(bytes.slice(0, 4), 9)].slice(0, 3)).toEqual([7, 7, 7])
})

test('no decoder throws anything untyped, or gives more than was asked for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 5000 }), async (bytes, most) => {
      for (const decode of [decodeLzw, decodePackBits, decodeDeflate, decodeZstd]) {
        try {
          expect((await decode(bytes, most)).length).toBeLessThanOrEqual(most)
        } catch (thrown) {
          expect(['tiff-malformed', 'tiff-unsupported']).toContain(toBimsError(thrown).code)
        }
      }
    }),
    { numRuns: 400 }
  )
})

test('Deflate and Zstandard give all, stop at the bound, and say what is damaged', async () => {
  const bytes = pixelsOf(100_000)
  expect(await decodeDeflate(deflateSync(bytes), bytes.length)).toEqual(Buffer.from(bytes))
  expect((await decodeDeflate(deflateSync(new Uint8Array(50_000_000)), 1000)).length).toBe(1000)
  expect(await decodeZstd(zstdCompressSync(bytes), bytes.length)).toEqual(Buffer.from(bytes))
  expect(await codeOf(() => decodeZstd(zstdCompressSync(new Uint8Array(50_000_000)), 1000))).toBe('tiff-unsupported')
  expect(await codeOf(() => decodeDeflate(new TextEncoder().encode('not deflated'), 10))).toBe('tiff-malformed')
  // More than was asked for, and damaged at its end.
  const damaged = deflateSync(bytes).map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte))
  await expect(decodeDeflate(damaged, bytes.length >> 1)).rejects.toThrow(/cannot be inflated: incorrect data check/)
  expect(await codeOf(() => decodeDeflate(damaged, bytes.length >> 1))).toBe('tiff-malformed')
  expect(await codeOf(() => decodeZstd(new TextEncoder().encode('not a frame'), 10))).toBe('tiff-malformed')
})

test('bits are reversed, swapped and widened', () => {
  expect([...reverseBits(Uint8Array.of(0b10000000, 0b1101, 255))]).toEqual([1, 0b10110000, 255])
  fc.assert(
    fc.property(
      fc.constantFrom(2, 4, 8),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 7 }),
      (size, count, shift) => {
        // Also where the bytes begin in the middle of a word.
        const bytes = pixelsOf(size * count + shift).subarray(shift)
        const swapped = Array.from({ length: count }, (_, i) =>
          [...bytes.slice(i * size, (i + 1) * size)].reverse()
        ).flat()
        expect([...swapBytes(bytes, size)]).toEqual(swapped)
        expect([...swappedByLoop(bytes, size)]).toEqual(swapped)
        expect([...swapBytes(swapBytes(bytes, size), size)]).toEqual([...bytes])
      }
    )
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 1e6 }),
      (bits, rows, perRow, seed) => {
        const size = bits <= 8 ? 1 : bits <= 16 ? 2 : 4
        const rowBytes = Math.ceil((bits * perRow) / 8)
        const packed = pixelsOf(rowBytes * rows, seed)
        const out = unpackBits(packed, rows, perRow, bits, size)
        for (let row = 0; row < rows; row++) {
          const text = [...packed.slice(row * rowBytes, (row + 1) * rowBytes)]
            .map(byte => byte.toString(2).padStart(8, '0'))
            .join('')
          for (let i = 0; i < perRow; i++) {
            const at = (row * perRow + i) * size
            const found = [...out.slice(at, at + size)].reduceRight((all, byte) => all * 256 + byte, 0)
            expect(found).toBe(Number.parseInt(text.slice(i * bits, (i + 1) * bits), 2))
          }
        }
      }
    )
  )
})

const jpeg = (sof: number): Uint8Array =>
  Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, sof, 0, 11, 8, 0, 20, 0, 30, 3, 1, 0x22, 0)

test('lossy codings are told from lossless ones', () => {
  expect(jpegFrame(jpeg(0xc0))).toEqual({ process: 0, bits: 8, height: 20, width: 30, components: 3 })
  expect([0xc0, 0xc1, 0xc2, 0xc3, 0xc9].map(sof => codingOf(7, jpeg(sof)))).toEqual([
    'jpeg',
    'jpeg',
    'jpeg',
    'lossless',
    'jpeg'
  ])
  const jpeg2000 = (transformation: number): Uint8Array =>
    Uint8Array.of(0xff, 0x4f, 0xff, 0x51, 0, 2, 0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, transformation)
  expect([codingOf(33005, jpeg2000(0)), codingOf(34712, jpeg2000(1))]).toEqual(['jpeg2000', 'lossless'])
  const webp = (name: string): Uint8Array => new TextEncoder().encode(`RIFF....WEBP${name}\x02\0\0\0ab`)
  expect([codingOf(50001, webp('VP8 ')), codingOf(50001, webp('VP8L')), codingOf(50001, webp('ALPH'))]).toEqual([
    'webp',
    'lossless',
    'webp'
  ])
  expect([codingOf(34934, new Uint8Array(4)), codingOf(5, new Uint8Array(4))]).toEqual(['jpegxr', 'lossless'])
  expect([1, 5, 8, 50000].some(mayBeLossy)).toBe(false)
})
