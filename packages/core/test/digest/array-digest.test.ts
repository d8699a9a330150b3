import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  arrayDigest,
  bandRows,
  bytesPerElement,
  canonicalBytes,
  codedDigest,
  contentKey,
  defaultAxes,
  dtypes,
  leafHash,
  littleEndianBytes,
  merkleRoot,
  pixelDigest,
  sha256,
  toHex,
  utf8,
  type DType,
  type Elements,
  type NdArray
} from '@bims/core'

const image = (shape: readonly number[], dtype: DType = 'uint8'): NdArray => {
  const n = shape.reduce((product, length) => product * length, 1)
  return {
    shape,
    dtype,
    data:
      dtype === 'uint16'
        ? Uint16Array.from({ length: n }, (_, i) => i * 7)
        : Uint8Array.from({ length: n }, (_, i) => i % 256)
  }
}

const elements: Readonly<Record<DType, (n: number) => Elements>> = {
  bool: n => Uint8Array.from({ length: n }, (_, i) => i % 2),
  uint8: n => Uint8Array.from({ length: n }, (_, i) => i),
  int8: n => Int8Array.from({ length: n }, (_, i) => -i),
  uint16: n => Uint16Array.from({ length: n }, (_, i) => i * 257),
  int16: n => Int16Array.from({ length: n }, (_, i) => -i * 257),
  uint32: n => Uint32Array.from({ length: n }, (_, i) => i * 16_909_060),
  int32: n => Int32Array.from({ length: n }, (_, i) => -i * 16_909_060),
  uint64: n => BigUint64Array.from({ length: n }, (_, i) => BigInt(i) << 60n),
  int64: n => BigInt64Array.from({ length: n }, (_, i) => -BigInt(i)),
  float16: n => Uint16Array.from({ length: n }, (_, i) => 0x3c00 + i),
  float32: n => Float32Array.from({ length: n }, (_, i) => (i === 0 ? NaN : i / 3)),
  float64: n => Float64Array.from({ length: n }, (_, i) => (i === 0 ? -0 : i / 3)),
  complex64: n => Float32Array.from({ length: 2 * n }, (_, i) => i / 3),
  complex128: n => Float64Array.from({ length: 2 * n }, (_, i) => i / 3)
}

describe('the digest of an array', () => {
  it('is what the specification says, written out', () => {
    const array = image([2, 300, 5], 'uint16')
    const bytes = Buffer.alloc(2 * 300 * 5 * 2)
    array.data.forEach((value, i) => bytes.writeUInt16LE(Number(value), 2 * i))
    const leaf = (from: number, rows: number): Uint8Array =>
      sha256(Uint8Array.of(0), bytes.subarray(from * 10, (from + rows) * 10))
    const node = (a: Uint8Array, b: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), a, b)
    const planes = [node(leaf(0, 256), leaf(256, 44)), node(leaf(300, 256), leaf(556, 44))] as const
    const root = toHex(node(...planes))
    expect(arrayDigest(array, ['z', 'y', 'x'])).toEqual({
      digest: `bims-pixels-1:${toHex(sha256(utf8(`{"axes":["z","y","x"],"dtype":"uint16","root":"${root}","shape":[2,300,5]}`)))}`,
      content: toHex(
        sha256(utf8(`{"dtype":"uint16","planes":${JSON.stringify(planes.map(toHex).sort())},"shape":[300,5]}`))
      )
    })
  })

  it('takes every element type as its little-endian bytes', () => {
    for (const dtype of dtypes) {
      const array: NdArray = { shape: [3, 2], dtype, data: elements[dtype](6) }
      const bytes = littleEndianBytes(array)
      expect(bytes.length).toBe(6 * bytesPerElement[dtype])
      expect(arrayDigest(array, ['y', 'x']).digest).toBe(
        pixelDigest({ axes: ['y', 'x'], dtype, leaves: [leafHash(bytes)], shape: [3, 2] })
      )
    }
    expect([...littleEndianBytes({ shape: [1], dtype: 'uint16', data: Uint16Array.of(0x1234) })]).toEqual([0x34, 0x12])
  })

  it('keeps the bits of NaN and the sign of zero', () => {
    const nan = (bits: number): NdArray => ({
      shape: [1, 1],
      dtype: 'float32',
      data: new Float32Array(Uint32Array.of(bits).buffer)
    })
    expect(arrayDigest(nan(0x7fc00000)).digest).not.toBe(arrayDigest(nan(0x7fc00001)).digest)
    expect(arrayDigest(nan(0)).digest).not.toBe(arrayDigest(nan(0x80000000)).digest)
  })

  it('takes a view for what it shows', () => {
    const data = Uint16Array.of(9, 1, 2, 3, 4, 9)
    expect(arrayDigest({ shape: [2, 2], dtype: 'uint16', data: data.subarray(1, 5) })).toEqual(
      arrayDigest({ shape: [2, 2], dtype: 'uint16', data: Uint16Array.of(1, 2, 3, 4) })
    )
  })

  it('depends on every pixel, the type, the shape and the axes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 600 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (z, y, x, at) => {
          const array = image([z, y, x])
          const changed = Uint8Array.from(array.data as Uint8Array)
          const i = at % changed.length
          changed[i] = (changed[i] as number) ^ 1
          const before = arrayDigest(array, ['z', 'y', 'x'])
          const after = arrayDigest({ ...array, data: changed }, ['z', 'y', 'x'])
          expect(after.digest).not.toBe(before.digest)
          expect(after.content).not.toBe(before.content)
          expect(arrayDigest({ ...array, dtype: 'int8' }, ['z', 'y', 'x']).digest).not.toBe(before.digest)
          if (z > 1) expect(arrayDigest(array, ['c', 'y', 'x']).digest).not.toBe(before.digest)
          if (y !== x)
            expect(arrayDigest({ ...array, shape: [z, x, y] }, ['z', 'y', 'x']).digest).not.toBe(before.digest)
        }
      ),
      { numRuns: 50 }
    )
  })

  it('has bands of 256 rows, however the rows come', () => {
    for (const rows of [1, 255, 256, 257, 512, 513]) {
      const array = image([rows, 3])
      const bytes = littleEndianBytes(array)
      const leaves = Array.from({ length: Math.ceil(rows / bandRows) }, (_, i) =>
        leafHash(
          ...bytes
            .subarray(i * bandRows * 3, (i + 1) * bandRows * 3)
            .reduce<Uint8Array[]>((all, byte) => [...all, Uint8Array.of(byte)], [])
        )
      )
      expect(arrayDigest(array, ['y', 'x']).digest).toBe(
        pixelDigest({ axes: ['y', 'x'], dtype: 'uint8', leaves, shape: [rows, 3] })
      )
    }
  })

  it('leaves out axes of length 1, but not y and x', () => {
    expect(arrayDigest(image([1, 4, 1, 5]), ['t', 'c', 'y', 'x'])).toEqual(
      arrayDigest(image([4, 1, 5]), ['c', 'y', 'x'])
    )
    expect(arrayDigest(image([1, 5]), ['y', 'x']).digest).not.toBe(arrayDigest(image([5, 1]), ['y', 'x']).digest)
  })

  it('names axes that nobody named', () => {
    expect([0, 1, 2, 3, 4, 5].map(defaultAxes)).toEqual([
      [],
      ['x'],
      ['y', 'x'],
      ['plane', 'y', 'x'],
      ['plane', 'plane1', 'y', 'x'],
      ['plane', 'plane1', 'plane2', 'y', 'x']
    ])
    expect(arrayDigest(image([]), []).digest).toMatch(/^bims-pixels-1:/)
    expect(arrayDigest(image([0, 5])).digest).toMatch(/^bims-pixels-1:/)
    expect(arrayDigest(image([5])).digest).toMatch(/^bims-pixels-1:/)
  })

  it('refuses elements that are not as many as the shape says', () => {
    for (const shape of [
      [2, 2],
      [3, 2],
      [6, 1, 2]
    ])
      expect(() => arrayDigest({ shape, dtype: 'uint8', data: new Uint8Array(5) })).toThrow(RangeError)
    expect(() => arrayDigest({ shape: [2], dtype: 'uint16', data: new Uint8Array(2) })).toThrow(RangeError)
    expect(() => arrayDigest(image([2, 2]), ['x'])).toThrow(RangeError)
  })
})

describe('the content key', () => {
  it('does not depend on the order of planes or the name of their axes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.infiniteStream(fc.nat()), (planes, random) => {
        const array = image([planes, 3, 2])
        const order = Array.from({ length: planes }, (_, i) => i)
          .map(i => ({ i, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
        const data = Uint8Array.from(
          order.flatMap(({ i }) => [...(array.data as Uint8Array).subarray(i * 6, i * 6 + 6)])
        )
        expect(arrayDigest({ ...array, data }, ['c', 'y', 'x']).content).toBe(
          arrayDigest(array, ['z', 'y', 'x']).content
        )
      })
    )
  })

  it('depends on how often a plane is there, on type and shape', () => {
    const key = { dtype: 'uint8', planes: ['aa', 'bb'], shape: [1, 2] } as const
    const keys = [
      key,
      { ...key, planes: ['aa', 'aa', 'bb'] },
      { ...key, dtype: 'int8' } as const,
      { ...key, shape: [2, 1] } as const
    ].map(contentKey)
    expect(new Set(keys).size).toBe(4)
  })
})

it('the coded digest names its coding', () => {
  const input = {
    axes: ['y', 'x'],
    dtype: 'uint8',
    leaves: [leafHash(utf8('tables')), leafHash(utf8('tile'))],
    shape: [8, 8]
  } as const
  const root = toHex(merkleRoot(input.leaves))
  expect(codedDigest({ ...input, coding: 'jpeg' })).toBe(
    `bims-coded-1:${toHex(sha256(canonicalBytes({ axes: ['y', 'x'], coding: 'jpeg', dtype: 'uint8', root, shape: [8, 8] })))}`
  )
})
