import fc from 'fast-check'
import { arrayDigest, bytesPerElement, newError } from '@bims/core'
import type { DType, Elements } from '@bims/core'
import { left, right } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { toElements } from '../../../../src/containers/tiff/pixels/array.ts'
import { writeTiffInto } from '../../../../src/containers/tiff/write/write.ts'
import type { TiffImageData, TiffWriteOptions } from '../../../../src/containers/tiff/write/image-data.ts'
import { pixelsOf } from '../fixture.ts'
import { memoryFile } from '../memory-file.ts'
import { error, openBytes, value } from '../results.ts'

const written = async (image: TiffImageData, options?: TiffWriteOptions): Promise<Uint8Array> => {
  const file = memoryFile(new Uint8Array())
  await value(writeTiffInto(file, image, options))
  return file.bytes()
}

const noise = (dtype: DType, length: number, seed: number): Elements => {
  const bytes = pixelsOf(length * bytesPerElement[dtype], seed)
  return toElements(new Uint8Array(dtype === 'bool' ? bytes.map(byte => byte & 1) : bytes), dtype)
}

const anyForm = fc.record({
  dtype: fc.constantFrom<DType>(
    'bool',
    'uint8',
    'uint16',
    'float32',
    'int32',
    'uint32',
    'float64',
    'int8',
    'int16',
    'complex64'
  ),
  t: fc.integer({ min: 1, max: 3 }),
  c: fc.integer({ min: 1, max: 3 }),
  z: fc.integer({ min: 1, max: 3 }),
  y: fc.integer({ min: 1, max: 30 }),
  x: fc.integer({ min: 1, max: 30 }),
  samples: fc.constantFrom(1, 1, 3, 4),
  bigTiff: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e9 })
})

test('what is written as OME-TIFF is read again: axes, shape, type, pixels', async () => {
  await fc.assert(
    fc.asyncProperty(anyForm, async ({ bigTiff, c, dtype, samples, seed, t, x, y, z }) => {
      const planes = Array.from({ length: t * c * z }, (_, i) => noise(dtype, y * x * samples, seed + i))
      const shape = [t, c * samples, z, y, x]
      const open = await openBytes(
        await written({ axes: ['t', 'c', 'z', 'y', 'x'], shape, dtype, samples, planes }, { ome: {}, bigTiff })
      )
      const image = open.images[0]
      const kept = shape.map((length, i) => [length, i] as const).filter(([length, i]) => length !== 1 || i > 2)
      expect(image?.axes).toEqual(kept.map(([, i]) => 'tczyx'[i]))
      expect([image?.dtype, image?.shape]).toEqual([dtype === 'bool' ? 'uint8' : dtype, kept.map(([length]) => length)])
      const array = await value(open.readArray(0))
      expect(arrayDigest(array, image?.axes)).toEqual(await value(open.digest(0)))
      // The first pixel's samples stand one plane after another.
      const first = planes[0] as Elements
      const parts = dtype.startsWith('complex') ? 2 : 1
      for (let sample = 0; sample < samples; sample++)
        expect(array.data[sample * z * y * x * parts]).toEqual(first[sample * parts])
    }),
    { numRuns: 80 }
  )
})

test('planes may come in any order, as a camera delivers them', async () => {
  const image = { axes: ['c', 'z', 'y', 'x'], shape: [2, 2, 3, 4], dtype: 'uint16' } as const
  const planes = [0, 1, 2, 3].map(i => noise('uint16', 12, i + 1))
  const inOrder = await written({ ...image, planes }, { ome: {} })
  const mixed = await written(
    { ...image, planes: [2, 0, 3, 1].map(index => ({ index, pixels: planes[index] as Elements })) },
    { ome: {} }
  )
  expect(await value((await openBytes(mixed)).digest(0))).toEqual(await value((await openBytes(inOrder)).digest(0)))
})

test('a plain TIFF has pages without names', async () => {
  const planes = [noise('uint8', 6, 1), noise('uint8', 6, 2)]
  const open = await openBytes(await written({ axes: ['plane', 'y', 'x'], shape: [2, 2, 3], dtype: 'uint8', planes }))
  expect(open.images).toEqual([
    {
      name: '0',
      series: 0,
      role: 'data',
      axes: ['plane', 'y', 'x'],
      storedAxes: ['plane', 'y', 'x'],
      shape: [2, 2, 3],
      dtype: 'uint8'
    }
  ])
  const rgb = await openBytes(
    await written({
      axes: ['c', 'y', 'x'],
      shape: [3, 2, 3],
      samples: 3,
      dtype: 'uint8',
      planes: [noise('uint8', 18, 1)]
    })
  )
  expect(rgb.images[0]).toMatchObject({ axes: ['c', 'y', 'x'], shape: [3, 2, 3] })
})

test('descriptions and tags of one’s own are native blocks of the first directory', async () => {
  const bytes = new TextEncoder().encode('[Beam]\nHV=5000')
  const file = await written(
    { axes: ['y', 'x'], shape: [2, 3], dtype: 'uint8', planes: [noise('uint8', 6, 1)] },
    {
      description: 'a text',
      software: 'BIMS',
      tags: [
        { tag: 65001, type: 2, bytes },
        { tag: 65000, type: 7, bytes: new Uint8Array(3) }
      ]
    }
  )
  const blocks = await value((await openBytes(file)).native())
  expect(blocks.map(({ at, bytes: found }) => [at, new TextDecoder().decode(found)])).toEqual([
    ['tiff:0/270', 'a text\0'],
    ['tiff:0/305', 'BIMS\0'],
    ['tiff:0/65000', '\0\0\0'],
    ['tiff:0/65001', '[Beam]\nHV=5000\0']
  ])
})

test('what does not fit together is refused', async () => {
  const good = {
    axes: ['z', 'y', 'x'],
    shape: [2, 2, 3],
    dtype: 'uint8',
    planes: [noise('uint8', 6, 1), noise('uint8', 6, 2)]
  } as const
  const refused = async (image: Partial<TiffImageData>, options: TiffWriteOptions = { ome: {} }) =>
    (await error(writeTiffInto(memoryFile(new Uint8Array()), { ...good, ...image }, options))).code
  expect(await refused({ planes: good.planes.slice(0, 1) })).toBe('digest-shape')
  expect(await refused({ planes: [...good.planes, noise('uint8', 6, 3)] })).toBe('digest-shape')
  expect(await refused({ planes: [good.planes[0], noise('uint8', 5, 1)] })).toBe('digest-shape')
  expect(await refused({ planes: [good.planes[0], { index: 0, pixels: good.planes[1] }] })).toBe('digest-shape')
  expect(await refused({ shape: [2, 2] })).toBe('digest-shape')
  expect(await refused({ shape: [2, 0, 3] })).toBe('digest-shape')
  expect(await refused({ samples: 3 })).toBe('digest-shape')
  expect(await refused({ axes: ['z', 'x', 'y'] })).toBe('digest-shape')
  expect(await refused({ axes: ['angle', 'y', 'x'] })).toBe('tiff-unsupported')
  expect(await refused({ dtype: 'uint64', planes: [] })).toBe('tiff-unsupported')
  expect(await refused({}, {})).toBe('tiff-unsupported')
  expect(await refused({}, { ome: { pixelSize: { x: { value: 1, unit: 's' } } } })).toBe('unit-unknown')
  expect(await refused({}, { ome: {}, tags: [{ tag: 256, type: 1, bytes: new Uint8Array(1) }] })).toBe('digest-shape')
  const stopped = new AbortController()
  stopped.abort()
  expect(await refused({}, { ome: {}, signal: stopped.signal })).toBe('interrupted')
})

/** A file that only counts, so that offsets past 4 GiB can be had without the bytes. */
const hollowFile = () => {
  const writes: (readonly [offset: number, bytes: Uint8Array])[] = []
  const file = memoryFile(new Uint8Array())
  return {
    writes,
    file: {
      ...file,
      write: (offset: number, bytes: Uint8Array) => () => {
        writes.push([offset, bytes.slice(0, 64)])
        return Promise.resolve(right(undefined))
      }
    }
  }
}

test('BigTIFF is written when several pages come near 2 GiB, or one near 4 GiB', async () => {
  const headerOf = async (shape: readonly [number, number, number]): Promise<number | undefined> => {
    const { file, writes } = hollowFile()
    const plane = new Uint8Array(shape[1] * shape[2])
    const planes = (function* () {
      for (let i = 0; i < shape[0]; i++) yield plane
    })()
    await value(writeTiffInto(file, { axes: ['z', 'y', 'x'], shape, dtype: 'uint8', planes }, { ome: {} }))
    return writes.at(-1)?.[1][2]
  }
  expect(await headerOf([2, 16_000, 32_000])).toBe(42)
  expect(await headerOf([5, 16_000, 32_000])).toBe(43)
  const { file } = hollowFile()
  expect(
    (
      await error(
        writeTiffInto(
          { ...file, write: () => () => Promise.resolve(left(newError('disk-full', 'full', 'make room'))) },
          { axes: ['y', 'x'], shape: [2, 2], dtype: 'uint8', planes: [new Uint8Array(4)] }
        )
      )
    ).code
  ).toBe('disk-full')
})
