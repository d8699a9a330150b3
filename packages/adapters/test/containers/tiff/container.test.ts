import fc from 'fast-check'
import { arrayDigest, bytesPerElement } from '@bims/core'
import type { DType } from '@bims/core'
import { expect, test } from 'vitest'
import { tiff } from '../../../src/containers/tiff/container.ts'
import { bufferSource } from '../../../src/sources/buffer.ts'
import { newFixture, noisePage, pixelsOf, type FixtureLayout, type FixturePage } from './fixture.ts'
import { digestsOf, error, openBytes, value } from './results.ts'

const dtypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
  'complex64',
  'complex128'
] as const

const anyPage: fc.Arbitrary<FixturePage> = fc
  .record({
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
      { weight: 1, arbitrary: fc.constantFrom(255, 256, 257, 513) }
    ),
    dtype: fc.constantFrom(...dtypes),
    samples: fc.constantFrom(1, 1, 2, 3, 5),
    seed: fc.integer({ min: 1, max: 1e9 })
  })
  .map(({ dtype, height, samples, seed, width }) => noisePage(width, height, dtype, samples, seed))

const anyLayout: fc.Arbitrary<FixtureLayout> = fc.record(
  {
    littleEndian: fc.boolean(),
    big: fc.boolean(),
    rowsPerStrip: fc.integer({ min: 1, max: 600 }),
    tile: fc.tuple(fc.constantFrom(16, 32, 48), fc.constantFrom(16, 32)),
    planar: fc.constantFrom(1, 2),
    compression: fc.constantFrom(1, 5, 8, 32773),
    fillOrder: fc.constantFrom(1, 2)
  },
  { requiredKeys: [] }
)

const withPredictor = (layout: FixtureLayout, dtype: DType): FixtureLayout =>
  dtype.startsWith('complex') || layout.compression === 32773 ? layout : { ...layout, predictor: 2 }

test('the digest does not depend on how the pixels are laid out', async () => {
  await fc.assert(
    fc.asyncProperty(anyPage, anyLayout, fc.boolean(), async (page, layout, predict) => {
      const plain = await digestsOf(newFixture([page]))
      const other = await digestsOf(newFixture([page], predict ? withPredictor(layout, page.dtype) : layout))
      expect(other).toEqual(plain)
    }),
    { numRuns: 120 }
  )
}, 300_000)

test('digesting a file and digesting its decoded array are the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 4 }),
      anyPage,
      anyLayout,
      async (seeds, page, layout) => {
        const pages = seeds.map(seed => ({ ...page, pixels: pixelsOf(page.pixels.length, seed) }))
        const open = await openBytes(newFixture(pages, layout))
        const array = await value(open.readArray(0))
        const image = open.images[0]
        expect(array.shape).toEqual(image?.shape)
        expect(arrayDigest(array, image?.axes)).toEqual(await value(open.digest(0)))
      }
    ),
    { numRuns: 50 }
  )
}, 300_000)

test('pages of one form are one series of unknown axes, samples are axis c', async () => {
  const gray = await openBytes(newFixture([noisePage(9, 7), noisePage(9, 7, 'uint16', 1, 2)]))
  expect(gray.images).toEqual([
    {
      name: '0',
      series: 0,
      role: 'data',
      axes: ['plane', 'y', 'x'],
      storedAxes: ['plane', 'y', 'x'],
      shape: [2, 7, 9],
      dtype: 'uint16'
    }
  ])
  const colour = await openBytes(newFixture([noisePage(9, 7, 'uint8', 3), noisePage(9, 7, 'uint8', 3, 2)]))
  expect(colour.images[0]).toMatchObject({ axes: ['plane', 'c', 'y', 'x'], shape: [2, 3, 7, 9], dtype: 'uint8' })
  const array = await value(colour.readArray(0))
  const first = noisePage(9, 7, 'uint8', 3).pixels
  expect([array.data[0], array.data[63], array.data[126]]).toEqual([first[0], first[1], first[2]])
})

test('levels in SubIFDs, masks and thumbnails are images of their own', async () => {
  const pyramid = {
    ...noisePage(64, 48),
    levels: [
      { ...noisePage(32, 24), subfile: 1 },
      { ...noisePage(16, 12), subfile: 1 }
    ]
  }
  const mask = { ...noisePage(64, 48, 'uint8'), subfile: 4 }
  const thumbnail = { ...noisePage(20, 20, 'uint8', 3), subfile: 1 }
  const open = await openBytes(newFixture([pyramid, mask, thumbnail]))
  expect(open.images.map(({ name, role, shape }) => [name, role, shape])).toEqual([
    ['0', 'data', [48, 64]],
    ['0/1', 'level', [24, 32]],
    ['0/2', 'level', [12, 16]],
    ['1', 'mask', [48, 64]],
    ['2', 'thumbnail', [3, 20, 20]]
  ])
})

test('missing tiles are zero', async () => {
  const zero = { ...noisePage(32, 32), pixels: new Uint8Array(2048) }
  const missing = {
    ...zero,
    tags: [
      { tag: 324, type: 4, values: [0, 0, 0, 0] },
      { tag: 325, type: 4, values: [0, 0, 0, 0] }
    ]
  }
  expect(await digestsOf(newFixture([missing], { tile: [16, 16] }))).toEqual(await digestsOf(newFixture([zero])))
})

test('one bit a pixel is bool, narrower integers widen', async () => {
  const bits = {
    ...noisePage(8, 2, 'uint8'),
    tags: [
      { tag: 258, type: 3, values: [1] },
      { tag: 273, type: 4, values: [8] },
      { tag: 279, type: 4, values: [2] }
    ]
  }
  const open = await openBytes(
    newFixture([{ ...bits, pixels: Uint8Array.of(0b10100101, 0b1, ...new Array<number>(14).fill(0)) }])
  )
  expect(open.images[0]?.dtype).toBe('bool')
  expect([...(await value(open.readArray(0))).data].map(Number)).toEqual([
    1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1
  ])
  const twelve = {
    ...noisePage(3, 1, 'uint8'),
    tags: [
      { tag: 258, type: 3, values: [12] },
      { tag: 279, type: 4, values: [5] }
    ],
    pixels: Uint8Array.of(0xab, 0xcd, 0xef)
  }
  const file = newFixture([twelve])
  file.set([0xab, 0xcd, 0xef, 0x12, 0x30], 8)
  const wide = await openBytes(file)
  expect(wide.images[0]?.dtype).toBe('uint16')
  expect([...(await value(wide.readArray(0))).data].map(Number)).toEqual([0xabc, 0xdef, 0x123])
})

test('what cannot be decoded is said, with the reason', async () => {
  const webp = newFixture([{ ...noisePage(8, 8, 'uint8'), tags: [{ tag: 259, type: 3, values: [34925] }] }])
  const open = await openBytes(webp)
  const failure = await error(open.digest(0))
  expect([failure.code, failure.what]).toEqual([
    'tiff-unsupported',
    'Image 0 cannot be decoded: it is compressed with method 34925.'
  ])
  expect(open.images).toHaveLength(1)
})

test('native blocks keep repeats and raw bytes, and can be had again by their address', async () => {
  const text = (bytes: string, tag = 270) => ({ tag, type: 2, bytes: new TextEncoder().encode(`${bytes}\0`) })
  const page = {
    ...noisePage(4, 4),
    tags: [text('first text'), text('second text'), text('[Beam]\r\nHV=5000', 34682), text('x', 305)]
  }
  const open = await openBytes(newFixture([page, noisePage(4, 4)], { littleEndian: false }))
  const blocks = await value(open.native())
  expect(blocks.map(({ at, littleEndian }) => [at, littleEndian])).toEqual([
    ['tiff:0/270', false],
    ['tiff:0/270#1', false],
    ['tiff:0/305', false],
    ['tiff:0/34682', false]
  ])
  for (const block of blocks) expect(await value(open.bytesAt(block.at))).toEqual(block.bytes)
  expect(new TextDecoder().decode(blocks[1]?.bytes)).toBe('second text\0')
  for (const at of ['tiff:0/270#2', 'tiff:7/270', 'tiff:0/1', 'png:0', 'tiff:0/270#99999999', '']) {
    expect((await error(open.bytesAt(at))).code).toBe('tiff-malformed')
  }
})

test('digesting stops on request and tells how far it came', async () => {
  const open = await openBytes(newFixture([noisePage(64, 64)], { rowsPerStrip: 8, compression: 8 }))
  const progress: number[] = []
  await value(open.digest(0, { onProgress: done => progress.push(done) }))
  expect(progress.at(-1)).toBe(1)
  expect([...progress].sort((a, b) => a - b)).toEqual(progress)
  const stopped = new AbortController()
  stopped.abort()
  expect((await error(open.digest(0, { signal: stopped.signal }))).code).toBe('interrupted')
  expect((await error(open.readArray(0, { signal: stopped.signal }))).code).toBe('interrupted')
})

test('recognises TIFF and BigTIFF of both orders, and nothing else', () => {
  for (const littleEndian of [true, false])
    for (const big of [true, false]) {
      expect(tiff.recognises(newFixture([noisePage(2, 2)], { littleEndian, big }), '')).toBe(true)
    }
  for (const head of [
    [],
    [0x49],
    [0x49, 0x49],
    [0x49, 0x4d, 42, 0],
    [0x89, 0x50, 0x4e, 0x47],
    [0x49, 0x49, 0x2b, 0x01]
  ]) {
    expect(tiff.recognises(Uint8Array.from(head), 'a.tif')).toBe(false)
  }
})

test('reads are ranged: opening a file with much pixel data reads little of it', async () => {
  const bytes = newFixture([noisePage(512, 512)])
  let read = 0
  const source = bufferSource(bytes)
  const counted = {
    ...source,
    read: (offset: number, length: number) => ((read += length), source.read(offset, length))
  }
  await value(tiff.open(counted))
  expect(bytes.length).toBeGreaterThan(bytesPerElement.uint16 * 512 * 512)
  expect(read).toBeLessThan(32_768)
})
