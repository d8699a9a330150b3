import fc from 'fast-check'
import type { BimsError, BimsErrorCode } from '@bims/core'
import type { Either } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { tiff } from '../../../src/containers/tiff/container.ts'
import { bufferSource } from '../../../src/sources/buffer.ts'
import { newFixture, noisePage, type FixtureTag } from './fixture.ts'
import { memoryFile } from './memory-file.ts'
import { error, openBytes } from './results.ts'

const openError = (bytes: Uint8Array) => error(tiff.open(bufferSource(bytes)))

const tagged = (...tags: readonly FixtureTag[]): Uint8Array => newFixture([{ ...noisePage(16, 16), tags }])

/** Writes a classic little-endian number. */
const patched = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const out = bytes.slice()
  new DataView(out.buffer).setUint32(at, value, true)
  return out
}

const nextPointer = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const first = view.getUint32(4, true)
  return first + 2 + 12 * view.getUint16(first, true)
}

test('cycles are found', async () => {
  const one = newFixture([noisePage(4, 4)])
  const first = new DataView(one.buffer).getUint32(4, true)
  const self = await openError(patched(one, nextPointer(one), first))
  expect(self.code).toBe('tiff-malformed')
  expect(self.issues?.[0]?.what).toContain('cycle')
  const levels = await openError(tagged({ tag: 330, type: 4, values: [first] }))
  expect(levels.code).toBe('tiff-malformed')
})

test('truncation is found wherever the file ends', async () => {
  const whole = newFixture([noisePage(8, 8), noisePage(8, 8)])
  for (let length = 0; length < whole.length; length += 3) {
    const result = await tiff.open(bufferSource(whole.slice(0, length)))()
    expect(result._tag === 'Left' && result.left.code).toBe('tiff-malformed')
  }
})

test('all damaged places are told, not the first', async () => {
  const page = (width: number) => ({ ...noisePage(8, 8), tags: [{ tag: 256, type: 4, values: [width] }] })
  const failure = await openError(newFixture([page(0), noisePage(8, 8), page(0), page(0)]))
  expect(failure.issues?.map(({ at }) => at)).toEqual(['0', '2', '3'])
})

test.each<[string, FixtureTag, BimsErrorCode]>([
  ['no strips for the rows', { tag: 278, type: 4, values: [1] }, 'tiff-malformed'],
  ['a strip past the end', { tag: 273, type: 4, values: [1_000_000] }, 'tiff-malformed'],
  ['more pixels than bytes', { tag: 257, type: 4, values: [4_000_000_000] }, 'tiff-malformed'],
  ['a million samples', { tag: 277, type: 4, values: [1_000_000] }, 'tiff-malformed'],
  ['no bits', { tag: 258, type: 3, values: [0] }, 'tiff-unsupported'],
  ['tiles of no size', { tag: 322, type: 4, values: [0] }, 'tiff-malformed'],
  ['a fraction for a width', { tag: 256, type: 5, bytes: new Uint8Array(8) }, 'tiff-malformed'],
  ['a forged count', { tag: 273, type: 4, values: [8], count: 0x3fffffff, offset: 8 }, 'tiff-malformed'],
  ['an overflowing count', { tag: 258, type: 3, values: [8], count: 0xffffffff, offset: 8 }, 'tiff-malformed'],
  ['strips whose offsets are floats', { tag: 273, type: 12, bytes: new Uint8Array(8) }, 'tiff-malformed']
])('%s', async (_, tag, code) => {
  const opened = await tiff.open(bufferSource(tagged(tag)))()
  const failure = opened._tag === 'Left' ? opened.left : await error(opened.right.digest(0))
  expect(failure.code).toBe(code)
})

test('a byte count too small is found, but for one strip, whose length is known anyhow', async () => {
  const short = (values: readonly number[]) => ({ ...noisePage(16, 16), tags: [{ tag: 279, type: 4, values }] })
  const two = await openBytes(newFixture([short([256, 3])], { rowsPerStrip: 8 }))
  expect((await error(two.digest(0))).what).toContain('has 3 of its 256 bytes')
  const one = await openBytes(newFixture([short([3])]))
  expect((await one.digest(0)())._tag).toBe('Right')
})

test('a BigTIFF of 52 bytes cannot make anyone allocate or work', async () => {
  const bytes = new Uint8Array(52)
  const view = new DataView(bytes.buffer)
  bytes.set([0x49, 0x49, 43, 0, 8, 0, 0, 0])
  view.setBigUint64(8, 16n, true)
  for (const count of [1n, 2n, 1n << 20n, 1n << 32n, (1n << 53n) - 1n, 1n << 60n, (1n << 64n) - 1n]) {
    view.setBigUint64(16, count, true)
    view.setUint16(24, 273, true)
    view.setUint16(26, 16, true)
    view.setBigUint64(28, (1n << 63n) / 8n, true)
    view.setBigUint64(36, 16n, true)
    expect((await openError(bytes)).code).toBe('tiff-malformed')
  }
})

test('an image of nothing but empty strips cannot claim more than its file could hold', async () => {
  const huge = newFixture([
    {
      ...noisePage(1, 1),
      tags: [
        { tag: 256, type: 4, values: [0xffffffff] },
        { tag: 257, type: 4, values: [0xffffffff] },
        { tag: 278, type: 4, values: [0xffffffff] },
        { tag: 273, type: 4, values: [0] },
        { tag: 279, type: 4, values: [0] }
      ]
    }
  ])
  const open = await openBytes(huge)
  expect((await error(open.digest(0))).code).toBe('tiff-malformed')
  expect((await error(open.readArray(0))).code).toBe('tiff-malformed')
})

test('a compression bomb stops at the size of the strip', async () => {
  const bomb = newFixture([{ ...noisePage(1024, 1024, 'uint8'), pixels: new Uint8Array(1024 * 1024) }], {
    compression: 8
  })
  const view = new DataView(bomb.buffer)
  const first = view.getUint32(4, true)
  for (let i = 0; i < view.getUint16(first, true); i++) {
    const entry = first + 2 + 12 * i
    if ([256, 257, 278].includes(view.getUint16(entry, true))) view.setUint32(entry + 8, 64, true)
  }
  const open = await openBytes(bomb)
  const result = await open.digest(0)()
  expect(result._tag === 'Right' || result.left.code === 'tiff-malformed').toBe(true)
})

test('directories may not overlap to make work', async () => {
  // Each directory begins 12 bytes after the one before and claims all that follows.
  const count = 4000
  const bytes = new Uint8Array(8 + 14 * count + 100_000)
  const view = new DataView(bytes.buffer)
  bytes.set([0x49, 0x49, 42, 0])
  view.setUint32(4, 8, true)
  for (let i = 0; i < count; i++) view.setUint16(8 + i * 14, 8000, true)
  for (let i = 0; i + 14 < bytes.length - 8; i += 2)
    if (view.getUint16(8 + i, true) === 0) view.setUint16(8 + i, 7, true)
  expect((await openError(bytes)).code).toBe('tiff-malformed')
})

const known: readonly BimsErrorCode[] = ['tiff-malformed', 'tiff-unsupported', 'bundle-foreign']

const seeds = [
  newFixture([noisePage(20, 12), noisePage(20, 12)], { compression: 8, predictor: 2 }),
  newFixture([noisePage(20, 12, 'uint8', 3)], { tile: [16, 16], big: true, littleEndian: false, compression: 5 }),
  newFixture([{ ...noisePage(20, 12), levels: [noisePage(10, 6)] }], { compression: 32773, planar: 2 }),
  newFixture([
    {
      ...noisePage(8, 8),
      tags: [{ tag: 270, type: 2, bytes: new TextEncoder().encode('ImageJ=1.54p\nimages=6\nchannels=2\nslices=3\n\0') }]
    }
  ]),
  newFixture([
    {
      ...noisePage(8, 8),
      tags: [
        {
          tag: 270,
          type: 2,
          bytes: new TextEncoder().encode(
            '<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="8" SizeY="8" SizeC="2" SizeZ="1" SizeT="3"><TiffData/></Pixels></Image></OME>\0'
          )
        }
      ]
    },
    noisePage(8, 8)
  ]),
  newFixture([
    {
      ...noisePage(8, 8),
      tags: [{ tag: 270, type: 2, bytes: new TextEncoder().encode('{"shape": [2, 3, 8, 8], "axes": "TZYX"}\0') }]
    }
  ])
]

test('bytes changed at random give a typed error or a result, and never anything else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }),
      fc.option(fc.nat()),
      async (seed, changes, cut) => {
        const bytes = seed.slice(0, cut === null ? undefined : cut % seed.length)
        // The metadata stand behind the pixels: most changes go there.
        for (const [at, byte] of changes)
          if (bytes.length > 0)
            bytes[at % 3 === 0 ? at % bytes.length : bytes.length - 1 - (at % Math.min(400, bytes.length))] = byte
        const opened = await tiff.open(bufferSource(bytes))()
        if (opened._tag === 'Left') {
          expect(known).toContain(opened.left.code)
          return
        }
        const { bundle, digest, images, native, readArray } = opened.right
        const results: Either<BimsError, unknown>[] = [await native()(), await bundle()()]
        for (let i = 0; i < Math.min(3, images.length); i++) results.push(await digest(i)(), await readArray(i)())
        for (const result of results) if (result._tag === 'Left') expect(known).toContain(result.left.code)
        const stripped = await tiff.strip(memoryFile(bytes))()
        expect(stripped._tag === 'Left' && [...known, 'bundle-missing']).toContain(
          stripped._tag === 'Left' && stripped.left.code
        )
      }
    ),
    { numRuns: 1500 }
  )
}, 300_000)
