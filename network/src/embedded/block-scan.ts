import { frameHeadBytes, frameHolds, isTorn, readFrameHead } from '@bims/ledger/blocks'
import type { BlockLocation } from './block-locations.ts'
import { corrupt } from './corrupt.ts'

/** One file of blocks to look through. */
export interface ScanInput {
  readonly file: number
  readonly bytes: Buffer
  /** Offset of the first frame that is wanted. */
  readonly from: number
  /** Number that its block must have. */
  readonly number: number
  /** Blocks below this number had been acknowledged: none of them may be torn. */
  readonly committed: number
  /** Only the last file can have been torn. */
  readonly last: boolean
}

/** What a file of blocks holds. */
export interface ScanResult {
  readonly found: readonly BlockLocation[]
  /** Length of the file up to its last whole frame. */
  readonly end: number
}

const frameAt = (bytes: Buffer, at: number, number: number): number | undefined => {
  const head = readFrameHead(bytes.subarray(at, at + frameHeadBytes))
  if (head === undefined || head.number !== number) return undefined
  const block = bytes.subarray(at + frameHeadBytes, at + frameHeadBytes + head.length)
  return frameHolds(head, block) ? head.length : undefined
}

/**
 * Looks through a file of blocks and checks every frame.
 * @throws `network-corrupt` where a frame does not hold and is not the torn end of an unacknowledged write.
 */
export const scanBlocks = (input: ScanInput): ScanResult => {
  const { bytes, file, committed } = input
  const found: BlockLocation[] = []
  let at = input.from
  while (at < bytes.length) {
    const number = input.number + found.length
    const length = frameAt(bytes, at, number)
    if (length === undefined) {
      if (input.last && number >= committed && isTorn(bytes, at, number)) break
      throw corrupt(`Block ${number} at byte ${at} of block file ${file} is damaged.`)
    }
    found.push({ file, offset: at, length })
    at += frameHeadBytes + length
  }
  return { found, end: at }
}
