import { unsupported } from '../structure/reader.ts'

/** Adds up differences of samples of 1, 2 or 4 bytes, little-endian, row by row. */
const accumulate = (
  view: Uint8Array | Uint16Array | Uint32Array,
  rows: number,
  perRow: number,
  stride: number
): void => {
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * perRow
    for (let i = row * perRow + stride; i < end; i++) view[i] = (view[i] as number) + (view[i - stride] as number)
  }
}

/** Adds up differences of 8-byte samples. */
const accumulateWide = (view: BigUint64Array, rows: number, perRow: number, stride: number): void => {
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * perRow
    for (let i = row * perRow + stride; i < end; i++) view[i] = (view[i] as bigint) + (view[i - stride] as bigint)
  }
}

/**
 * Undoes horizontal differencing (predictor 2) in place. `bytes` are little-endian samples, aligned to their size.
 * Throws `tiff-unsupported` for samples of other sizes.
 */
export const undoDifferences = (
  bytes: Uint8Array,
  rows: number,
  perRow: number,
  stride: number,
  size: number
): void => {
  const { buffer, byteOffset, byteLength } = bytes
  if (size === 1) accumulate(bytes, rows, perRow, stride)
  else if (size === 2) accumulate(new Uint16Array(buffer, byteOffset, byteLength / 2), rows, perRow, stride)
  else if (size === 4) accumulate(new Uint32Array(buffer, byteOffset, byteLength / 4), rows, perRow, stride)
  else if (size === 8) accumulateWide(new BigUint64Array(buffer, byteOffset, byteLength / 8), rows, perRow, stride)
  else unsupported(`Differences of samples of ${size} bytes cannot be undone.`)
}

/**
 * Undoes floating-point differencing (predictor 3): rows of byte planes, the most significant first whatever the
 * file's byte order. Returns little-endian samples.
 */
export const undoFloatDifferences = (
  bytes: Uint8Array,
  rows: number,
  perRow: number,
  stride: number,
  size: number
): Uint8Array => {
  const out = new Uint8Array(bytes.length)
  const rowBytes = perRow * size
  for (let row = 0; row < rows; row++) {
    const plane = bytes.subarray(row * rowBytes, (row + 1) * rowBytes)
    for (let i = stride; i < rowBytes; i++) plane[i] = (plane[i] as number) + (plane[i - stride] as number)
    for (let byte = 0; byte < size; byte++) {
      const from = (size - 1 - byte) * perRow
      for (let i = 0, to = row * rowBytes + byte; i < perRow; i++, to += size) out[to] = plane[from + i] as number
    }
  }
  return out
}
