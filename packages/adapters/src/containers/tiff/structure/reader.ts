import type { ByteSource, Issue } from '@bims/core'
import { fail, unwrap } from '../../../sources/attempt.ts'

/** What the first bytes of a TIFF say. */
export interface TiffHeader {
  readonly littleEndian: boolean
  /** BigTIFF: 64-bit offsets. */
  readonly big: boolean
  /** Offset of the first directory. */
  readonly firstDirectory: number
}

/** A TIFF's bytes with its byte order: small reads go through a bounded cache, large ones straight to the source. */
export interface TiffReader extends TiffHeader {
  readonly source: ByteSource
  readonly size: number
  /** Exactly `length` bytes; `tiff-malformed` where the file ends before. */
  readonly bytes: (offset: number, length: number, what: string) => Promise<Uint8Array>
}

const damagedAdvice = 'The file is damaged or was not written to its end; get another copy of it.'

/** Throws `tiff-malformed` with all its places. */
export const malformed = (what: string, issues?: readonly Issue[]): never =>
  fail('tiff-malformed', what, damagedAdvice, issues === undefined ? {} : { issues })

/** Throws `tiff-unsupported`. */
export const unsupported = (what: string, cause?: unknown): never =>
  fail('tiff-unsupported', what, 'Save the image as an uncompressed, LZW, Deflate or Zstandard TIFF and try again.', {
    cause
  })

/** Reads an unsigned integer of 2, 4 or 8 bytes; one over 2^53 comes out rounded, past the end of any file. */
export const unsigned = (bytes: Uint8Array, at: number, size: number, littleEndian: boolean): number => {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[littleEndian ? at + size - 1 - i : at + i] ?? 0)
  return value
}

/** The bytes of an unsigned integer of 2, 4 or 8 bytes. */
export const unsignedBytes = (value: number, size: number, littleEndian: boolean): Uint8Array => {
  const bytes = new Uint8Array(size)
  let rest = value
  for (let i = 0; i < size; i++) {
    bytes[littleEndian ? i : size - 1 - i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

const blockSize = 8192
const blocksKept = 64

/** A cache of small blocks, the least recently used given up first. */
const newBlockCache = (source: ByteSource): ((index: number) => Promise<Uint8Array>) => {
  const blocks = new Map<number, Uint8Array>()
  return async index => {
    const known = blocks.get(index)
    const block = known ?? (await unwrap(source.read(index * blockSize, blockSize)))
    blocks.delete(index)
    blocks.set(index, block)
    if (blocks.size > blocksKept)
      for (const oldest of blocks.keys()) {
        blocks.delete(oldest)
        break
      }
    return block
  }
}

const newBytes = (source: ByteSource): TiffReader['bytes'] => {
  const blockAt = newBlockCache(source)
  const cached = async (offset: number, length: number): Promise<Uint8Array> => {
    const first = Math.floor(offset / blockSize)
    const head = await blockAt(first)
    const start = offset - first * blockSize
    if (start + length <= blockSize) return head.subarray(start, start + length)
    const bytes = new Uint8Array(length)
    bytes.set(head.subarray(start))
    for (let done = blockSize - start; done < length; done += blockSize) {
      const block = await blockAt(first + (done + start) / blockSize)
      bytes.set(block.subarray(0, Math.min(block.length, length - done)), done)
    }
    return bytes
  }
  return async (offset, length, what) => {
    // Compared before anything is allocated: a forged length costs nothing.
    if (!(offset >= 0 && length >= 0 && offset + length <= source.size)) {
      malformed(`${what} would stand at ${offset} to ${offset + length}, but the file has ${source.size} bytes.`)
    }
    const bytes = length <= 4 * blockSize ? await cached(offset, length) : await unwrap(source.read(offset, length))
    return bytes.length === length ? bytes : malformed(`${what} at ${offset} is cut off: the file became shorter.`)
  }
}

/** Reads the header from the first bytes, or undefined where they are not a TIFF's. */
const parseHeader = (head: Uint8Array): TiffHeader | undefined => {
  const littleEndian = head[0] === 0x49
  if (head.length < 8 || head[0] !== head[1] || (!littleEndian && head[0] !== 0x4d)) return undefined
  const number = (at: number, size: number): number => unsigned(head, at, size, littleEndian)
  if (number(2, 2) === 42) return { littleEndian, big: false, firstDirectory: number(4, 4) }
  // BigTIFF says how long its offsets are, and has two bytes of nothing.
  const isBig = number(2, 2) === 43 && head.length >= 16 && number(4, 2) === 8 && number(6, 2) === 0
  return isBig ? { littleEndian, big: true, firstDirectory: number(8, 8) } : undefined
}

/** Opens a source as a TIFF. Throws `tiff-malformed`. */
export const openReader = async (source: ByteSource): Promise<TiffReader> => {
  const head = await unwrap(source.read(0, Math.min(16, source.size)))
  const header = parseHeader(head) ?? malformed('The file does not begin with the header of a TIFF.')
  return { ...header, source, size: source.size, bytes: newBytes(source) }
}
