import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockFileName, frame, frameHeadBytes, storedBlocks, type StoredPiece } from '../../src/blocks/blocks.ts'

let dir: string
beforeAll(async () => void (dir = await mkdtemp(join(tmpdir(), 'bims-stored-'))))
afterAll(() => rm(dir, { recursive: true }))

const blocks = [Buffer.alloc(20, 7), Buffer.from('second'), Buffer.alloc(12, 0), Buffer.alloc(9, 3)]
const frames = blocks.map((block, i) => frame(i, block))
const inFirst = Buffer.concat(frames.slice(0, 2))
const inSecond = Buffer.concat(frames.slice(2))

const piecesOf = async (folder: string): Promise<readonly StoredPiece[]> => {
  const pieces: StoredPiece[] = []
  for await (const piece of storedBlocks(folder)) pieces.push(piece)
  return pieces
}

const read = async (first: Buffer, second: Buffer): Promise<readonly StoredPiece[]> => {
  await writeFile(join(dir, blockFileName(0)), first)
  await writeFile(join(dir, blockFileName(1)), second)
  return piecesOf(dir)
}

const flipped = (bytes: Buffer, bit: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

const numbers = (pieces: readonly StoredPiece[]): readonly number[] =>
  pieces.flatMap(piece => (piece._tag === 'Block' ? [piece.number] : []))
const damages = (pieces: readonly StoredPiece[]): readonly StoredPiece[] =>
  pieces.filter(({ _tag }) => _tag !== 'Block')

describe('storedBlocks', () => {
  it('gives every block of every file in order', async () => {
    const pieces = await read(inFirst, inSecond)
    expect(pieces.map(piece => (piece._tag === 'Block' ? Buffer.from(piece.bytes) : piece))).toEqual(blocks)
    expect(pieces.map(({ offset }) => offset)).toEqual([0, frameHeadBytes + 20, 0, frameHeadBytes + 12])
  })

  it('finds every flipped bit, names the block, and reads all the others', async () => {
    for (let bit = 0; bit < inFirst.length * 8; bit++) {
      const pieces = await read(flipped(inFirst, bit), inSecond)
      const hit = bit >> 3 < frameHeadBytes + 20 ? 0 : 1
      expect(damages(pieces)[0]).toMatchObject({ _tag: 'Damaged', number: hit, file: 'blocks-000000' })
      expect(numbers(pieces)).toEqual([0, 1, 2, 3].filter(number => number !== hit))
    }
    for (let bit = 0; bit < inSecond.length * 8; bit++) {
      const pieces = await read(inFirst, flipped(inSecond, bit))
      const hit = bit >> 3 < frameHeadBytes + 12 ? 2 : 3
      expect(damages(pieces)[0]).toMatchObject({ _tag: 'Damaged', number: hit, file: 'blocks-000001' })
      expect(numbers(pieces)).toEqual([0, 1, 2, 3].filter(number => number !== hit))
    }
  })

  it('tells an end that was never finished from damage', async () => {
    for (let length = 1; length < inSecond.length; length++) {
      const pieces = await read(inFirst, inSecond.subarray(0, length))
      const whole = length < frameHeadBytes + 12 ? 2 : 3
      expect(numbers(pieces)).toHaveLength(whole)
      expect(damages(pieces).map(({ _tag }) => _tag)).toEqual(length === frameHeadBytes + 12 ? [] : ['Unfinished'])
    }
  })

  it('names a file that is gone and a block that was taken out', async () => {
    const pieces = await read(Buffer.concat([frame(0, Buffer.from('a')), frame(3, Buffer.from('d'))]), Buffer.alloc(0))
    expect(damages(pieces)).toMatchObject([{ _tag: 'Damaged', number: 1, what: 'Blocks up to 2 are missing.' }])
    await read(inFirst, inSecond)
    await rm(join(dir, blockFileName(0)))
    const [first, second, ...rest] = await piecesOf(dir)
    expect(first).toMatchObject({ _tag: 'Damaged', number: 0, file: 'blocks-000000', what: 'The file is missing.' })
    expect(second).toMatchObject({ _tag: 'Damaged', number: 0, what: 'Blocks up to 1 are missing.' })
    expect(numbers(rest)).toEqual([2, 3])
  })
})
