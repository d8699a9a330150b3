import { toHex } from '../json/bytes.ts'
import { digestAxes, withAxes } from './axes.ts'
import { bytesPerElement, type NdArray } from './nd-array.ts'
import { leafHash, merkleRoot } from './merkle.ts'
import { bandRows, contentKey, pixelDigest } from './pixel-digest.ts'

/** Digests of one image: `digest` binds its axes and order, `content` finds it without them. */
export interface ImageDigests {
  /** `bims-pixels-1:<hex>` or, where any tile is lossy, `bims-coded-1:<hex>`. */
  readonly digest: string
  /** Order-free key, 64 hex digits. */
  readonly content: string
}

const littleEndianHost = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

const swapped = (bytes: Uint8Array, size: number): Uint8Array => {
  const out = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i += size)
    for (let j = 0; j < size; j++) out[i + j] = bytes[i + size - 1 - j] as number
  return out
}

/** Bytes of an array's elements, row-major, little-endian (a view where the machine is little-endian). */
export const littleEndianBytes = (array: NdArray): Uint8Array => {
  const { buffer, byteLength, byteOffset, BYTES_PER_ELEMENT } = array.data
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  return littleEndianHost || BYTES_PER_ELEMENT === 1 ? bytes : swapped(bytes, BYTES_PER_ELEMENT)
}

/** Axes of an array that nobody named: y, x for the last two, `plane`, `plane1` … before them, slowest first. */
export const defaultAxes = (n: number): readonly string[] =>
  n < 2 ? ['x'].slice(0, n) : [...Array.from({ length: n - 2 }, (_, i) => (i === 0 ? 'plane' : `plane${i}`)), 'y', 'x']

/** Keeps what a digest is over: axes of length 1 are left out, but for y and x. */
const digestForm = (
  axes: readonly string[],
  shape: readonly number[]
): { readonly axes: readonly string[]; readonly shape: readonly number[] } => {
  const kept = axes.flatMap((axis, i) => (shape[i] === 1 && axis !== 'y' && axis !== 'x' ? [] : [i]))
  return { axes: kept.map(i => axes[i] as string), shape: kept.map(i => shape[i] as number) }
}

/**
 * Digests of an array in memory: as of a file with the same pixels, axes and dtype.
 * The axes name those of the array, in any order; they are put into digest order first, in which the last two are rows
 * and columns. An array of fewer axes is one row. RangeError where axes, shape and elements are not of one length.
 */
export const arrayDigest = (
  given: NdArray,
  givenAxes: readonly string[] = defaultAxes(given.shape.length)
): ImageDigests => {
  const { array, axes } = withAxes(given, givenAxes, digestAxes(givenAxes))
  const { dtype, shape } = array
  const bytes = littleEndianBytes(array)
  if (
    axes.length !== shape.length ||
    bytes.length !== shape.reduce((product, n) => product * n, bytesPerElement[dtype])
  ) {
    throw new RangeError(
      `${bytes.length} bytes of ${dtype} with the axes ${axes.join(', ')} are no array of ${shape.join(' × ')}`
    )
  }
  const width = shape.at(-1) ?? 1
  const rows = shape.length < 2 ? 1 : (shape[shape.length - 2] as number)
  const rowBytes = width * bytesPerElement[dtype]
  const planes = shape.slice(0, -2).reduce((product, n) => product * n, 1)
  const leaves: Uint8Array[] = []
  const roots: string[] = []
  for (let plane = 0; plane < planes; plane++) {
    const start = leaves.length
    for (let row = 0; row < rows; row += bandRows) {
      const from = (plane * rows + row) * rowBytes
      leaves.push(leafHash(bytes.subarray(from, from + Math.min(bandRows, rows - row) * rowBytes)))
    }
    roots.push(toHex(merkleRoot(leaves.slice(start))))
  }
  return {
    digest: pixelDigest({ dtype, leaves, ...digestForm(axes, shape) }),
    content: contentKey({ dtype, planes: roots, shape: [rows, width] })
  }
}
