import { frameHeadBytes, readFrameHead } from './frame.ts'

// A write that was cut off leaves a part of the frame, or more of its length with sectors that were never written and
// read as zeros, in any place: a disk may write them in any order. Anything else that does not hold was changed after
// it had been written; a flipped bit makes no sector of zeros.
const sectorBytes = 512
const fewestZeros = 4

const isZero = (bytes: Buffer, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

// The first part of a sector counts however short it is: there stands the first letter of the head, which is no zero.
const hasLostSector = (bytes: Buffer, at: number): boolean => {
  for (let from = at; from < bytes.length;) {
    const to = Math.min(bytes.length, from - (from % sectorBytes) + sectorBytes)
    if ((from === at || to - from >= fewestZeros) && isZero(bytes, from, to)) return true
    from = to
  }
  return false
}

/** The offset of the next head that holds, of a block with at least the number given; undefined where there is none. */
export const nextFrame = (bytes: Buffer, from: number, number: number): number | undefined => {
  for (let at = bytes.indexOf('BIMB', from); at >= 0; at = bytes.indexOf('BIMB', at + 1)) {
    const head = readFrameHead(bytes.subarray(at, at + frameHeadBytes))
    if (head !== undefined && head.number >= number) return at
  }
  return undefined
}

/**
 * Tells whether the bytes from an offset to the end of the last block file are what a write of block `number` leaves that
 * was cut off. A block is written once the one before it is on the disk: where another follows, it is damage.
 */
export const isTorn = (bytes: Buffer, at: number, number: number): boolean => {
  const rest = bytes.length - at
  const head = readFrameHead(bytes.subarray(at, at + frameHeadBytes))
  if (rest < frameHeadBytes) return true
  if (head === undefined) return hasLostSector(bytes, at) && nextFrame(bytes, at + 1, number + 1) === undefined
  if (rest < frameHeadBytes + head.length) return true
  return rest === frameHeadBytes + head.length && hasLostSector(bytes, at)
}
