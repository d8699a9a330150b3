import { canonicalBytes } from '../json/canonical.ts'
import { toHex } from '../json/bytes.ts'
import type { DType } from './nd-array.ts'
import { merkleRoot } from './merkle.ts'
import { sha256Hex } from '../hash/sha256.ts'

/** Rows of one leaf of the tree; the last band of a plane may have fewer. */
export const bandRows = 256

/** What a digest is over: the form of an image and the leaf hashes of its bands or coded tiles. */
export interface DigestInput {
  /** Axes in digest order: position, t, others by name, c, z, y, x; length 1 left out but for y, x. */
  readonly axes: readonly string[]
  readonly dtype: DType
  readonly shape: readonly number[]
  /** RFC 6962 leaf hashes, 32 bytes each, planes in order, first axis slowest. */
  readonly leaves: readonly Uint8Array[]
}

const hex = (value: { readonly [name: string]: string | readonly string[] | readonly number[] }): string =>
  sha256Hex(canonicalBytes(value))

/**
 * `bims-pixels-1:<hex>`: leaves are bands of {@link bandRows} rows of each plane, samples little-endian, row-major.
 * Specified in docs/spec/pixel-digest.md.
 */
export const pixelDigest = ({ axes, dtype, leaves, shape }: DigestInput): string =>
  `bims-pixels-1:${hex({ axes, dtype, root: toHex(merkleRoot(leaves)), shape })}`

/** `bims-coded-1:<hex>` for lossily coded images: leaves are shared tables and coded tiles of each directory. */
export const codedDigest = ({
  axes,
  coding,
  dtype,
  leaves,
  shape
}: DigestInput & { readonly coding: string }): string =>
  `bims-coded-1:${hex({ axes, coding, dtype, root: toHex(merkleRoot(leaves)), shape })}`

/** The order-free key of an image: the roots (hex) of its single planes, sorted, with dtype and plane shape. */
export const contentKey = ({
  dtype,
  planes,
  shape
}: {
  readonly dtype: DType
  readonly planes: readonly string[]
  readonly shape: readonly [y: number, x: number]
}): string => hex({ dtype, planes: [...planes].sort(), shape })
