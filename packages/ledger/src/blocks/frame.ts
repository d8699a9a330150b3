import { crc32 } from 'node:zlib'

/**
 * A block in its file: 24 bytes of head, then the block. Numbers are big-endian.
 * magic `BIMB` | u32 length | u64 block number | u32 CRC-32 of the block | u32 CRC-32 of the 20 bytes before.
 */
export const frameHeadBytes = 24

/** The largest block that is written or believed. */
const maxBlockBytes = 256 * 1024 * 1024

const magic = 0x42494d42

/** What the head of a frame says. */
export interface FrameHead {
  readonly length: number
  readonly number: number
  readonly crc: number
}

/** Puts a frame around a block. */
export const frame = (number: number, block: Uint8Array): Buffer => {
  const out = Buffer.allocUnsafe(frameHeadBytes + block.length)
  out.writeUInt32BE(magic, 0)
  out.writeUInt32BE(block.length, 4)
  out.writeBigUInt64BE(BigInt(number), 8)
  out.writeUInt32BE(crc32(block), 16)
  out.writeUInt32BE(crc32(out.subarray(0, 20)), 20)
  out.set(block, frameHeadBytes)
  return out
}

/** Reads the head of a frame; undefined where its checksum does not hold. */
export const readFrameHead = (bytes: Buffer): FrameHead | undefined => {
  if (bytes.length < frameHeadBytes || bytes.readUInt32BE(0) !== magic) return undefined
  if (crc32(bytes.subarray(0, 20)) !== bytes.readUInt32BE(20)) return undefined
  const length = bytes.readUInt32BE(4)
  const number = Number(bytes.readBigUInt64BE(8))
  return length > maxBlockBytes ? undefined : { length, number, crc: bytes.readUInt32BE(16) }
}

/** Tells whether the bytes of a block are those that were written. */
export const frameHolds = (head: FrameHead, block: Uint8Array): boolean =>
  block.length === head.length && crc32(block) === head.crc
