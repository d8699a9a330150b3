import { frameHeadBytes, readFrameHead } from './frame.ts'

// A write that was cut off leaves a part of the frame, or the full length with pages that were never written and
// read as zeros. Anything else that does not hold was changed after it had been written.
const minZeroTail = 64

const trimmedEnd = (bytes: Buffer, from: number): number => {
  let end = bytes.length
  while (end > from && bytes[end - 1] === 0) end--
  return end
}

/** Tells whether the bytes from an offset to the end of the last block file are what a write leaves that was cut off. */
export const isTorn = (bytes: Buffer, at: number): boolean => {
  const rest = bytes.length - at
  const written = trimmedEnd(bytes, at) - at
  const head = rest < frameHeadBytes ? undefined : readFrameHead(bytes.subarray(at, at + frameHeadBytes))
  if (head === undefined) return rest < frameHeadBytes || written < frameHeadBytes
  if (rest < frameHeadBytes + head.length) return true
  return rest === frameHeadBytes + head.length && rest - written >= minZeroTail
}
