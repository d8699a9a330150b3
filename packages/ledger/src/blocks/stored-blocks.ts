import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { blockFileName, blockFilesIn } from './block-files.ts'
import { frameHeadBytes, frameHolds, readFrameHead } from './frame.ts'
import { isTorn, nextFrame } from './torn.ts'

/** What stands in the block files of an embedded ledger, piece after piece: every byte belongs to one of them. */
export type StoredPiece =
  | {
      readonly _tag: 'Block'
      readonly number: number
      readonly bytes: Uint8Array
      readonly file: string
      readonly offset: number
    }
  /** Bytes that are not as they were written, or a file that is gone: `number` is the first block that is missing there. */
  | {
      readonly _tag: 'Damaged'
      readonly number: number
      readonly file: string
      readonly offset: number
      readonly length: number
      readonly what: string
    }
  /** The end of the last file holds a block that was never finished: nobody was told of it, unless the files were cut short. */
  | {
      readonly _tag: 'Unfinished'
      readonly number: number
      readonly file: string
      readonly offset: number
      readonly length: number
    }

interface Walk {
  readonly file: string
  readonly bytes: Buffer
  readonly last: boolean
  /** Number that the next block must have. */
  next: number
}

const damaged = (walk: Walk, offset: number, length: number, what: string): StoredPiece => ({
  _tag: 'Damaged',
  number: walk.next,
  file: walk.file,
  offset,
  length,
  what
})

// One frame, or what stands in its place; undefined where no frame can be made out.
const frameAt = (walk: Walk, at: number): { readonly piece: StoredPiece; readonly end: number } | undefined => {
  const head = readFrameHead(walk.bytes.subarray(at, at + frameHeadBytes))
  if (head === undefined || head.number < walk.next) return undefined
  const end = at + frameHeadBytes + head.length
  const bytes = walk.bytes.subarray(at + frameHeadBytes, end)
  const { number } = head
  if (frameHolds(head, bytes)) return { piece: { _tag: 'Block', number, bytes, file: walk.file, offset: at }, end }
  if (end > walk.bytes.length) return undefined
  return { piece: { ...damaged(walk, at, end - at, 'The checksum of the block does not hold.'), number }, end }
}

const gap = (walk: Walk, found: number, offset: number): StoredPiece =>
  damaged(walk, offset, 0, found === walk.next + 1 ? 'The block is missing.' : `Blocks up to ${found - 1} are missing.`)

interface Step {
  readonly pieces: readonly StoredPiece[]
  readonly end: number
}

const unfinished = ({ bytes, file, next }: Walk, at: number): Step => {
  const length = bytes.length - at
  return { pieces: [{ _tag: 'Unfinished', number: next, file, offset: at, length }], end: bytes.length }
}

// After damage the walk goes on at the next head that holds: its checksum makes a chance find as good as impossible.
const headless = (walk: Walk, at: number): Step => {
  const end = nextFrame(walk.bytes, at + 1, walk.next) ?? walk.bytes.length
  return { pieces: [damaged(walk, at, end - at, 'The head of the block does not hold.')], end }
}

const step = (walk: Walk, at: number): Step => {
  const frame = frameAt(walk, at)
  if (walk.last && frame?.piece._tag !== 'Block' && isTorn(walk.bytes, at, walk.next)) return unfinished(walk, at)
  if (frame === undefined) return headless(walk, at)
  const { piece, end } = frame
  const pieces = piece.number > walk.next ? [gap(walk, piece.number, at), piece] : [piece]
  walk.next = piece.number + 1
  return { pieces, end }
}

function* walkFile(walk: Walk): Generator<StoredPiece> {
  for (let at = 0; at < walk.bytes.length;) {
    const { pieces, end } = step(walk, at)
    yield* pieces
    at = end
  }
}

/**
 * Reads the block files of an embedded ledger (`DIR/ledger/blocks`, or a copy of it), running or not, and checks every
 * byte by its checksum. One file is in memory at a time. Nothing is passed over: what does not hold is a piece too, and
 * the walk goes on behind it. Rejects as the file system does.
 */
export async function* storedBlocks(dir: string): AsyncGenerator<StoredPiece, void, undefined> {
  const files = await blockFilesIn(dir)
  const lastFile = files.at(-1)
  let next = 0
  for (let file = 0; lastFile !== undefined && file <= lastFile; file++) {
    const name = blockFileName(file)
    const last = file === lastFile
    if (!files.includes(file)) {
      const walk = { file: name, bytes: Buffer.alloc(0), last, next }
      yield damaged(walk, 0, 0, 'The file is missing.')
      continue
    }
    const walk: Walk = { file: name, bytes: await readFile(join(dir, name)), last, next }
    yield* walkFile(walk)
    next = walk.next
  }
}
