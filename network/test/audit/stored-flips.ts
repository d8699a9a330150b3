import { copyFile, mkdir, open, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { storedBlocks } from '@bims/ledger/blocks'
import { scanBlocks } from '../../src/embedded/block-scan.ts'

/** One bit of the file in which a chain stands, and who passed over it. */
export interface UnfoundBit {
  readonly bit: number
  readonly by: 'the start' | 'the start without index' | 'the audit of the folder'
}

/** What flipping came to. */
export interface StoredFlips {
  readonly blocks: number
  /** Bits of the file: heads of frames, and blocks. */
  readonly bits: number
  readonly tried: number
  readonly unfound: readonly UnfoundBit[]
}

// What a start does with the file; the first so many blocks had been acknowledged.
const startFinds = (bytes: Buffer, blocks: number, committed: number): boolean => {
  try {
    return scanBlocks({ file: 0, bytes, from: 0, number: 0, committed, last: true }).found.length !== blocks
  } catch {
    return true
  }
}
// Without its index a ledger does not know what had been acknowledged: damage must not pass for the end of a write.
const startWithoutIndexFinds = (bytes: Buffer): boolean => {
  try {
    scanBlocks({ file: 0, bytes, from: 0, number: 0, committed: 0, last: true })
    return false
  } catch {
    return true
  }
}
const auditFinds = async (dir: string): Promise<boolean> => {
  for await (const piece of storedBlocks(dir)) if (piece._tag === 'Damaged') return true
  return false
}

/**
 * Flips one bit after the other of the one file in which a small chain is stored, and asks what a start checks, with and without its
 * index, and what the audit of a folder reads. `places` are bits, all of them where none is given.
 */
export const flipStored = async (
  blocksDir: string,
  scratch: string,
  goOn: () => boolean = () => true,
  places?: readonly number[]
): Promise<StoredFlips> => {
  const [name, ...more] = (await readdir(blocksDir)).sort()
  if (name === undefined || more.length > 0) throw new Error('the chain stands in several files')
  await mkdir(scratch, { recursive: true })
  await copyFile(join(blocksDir, name), join(scratch, name))
  const bytes = await readFile(join(blocksDir, name))
  const { found } = scanBlocks({ file: 0, bytes, from: 0, number: 0, committed: 0, last: true })
  const unfound: UnfoundBit[] = []
  let tried = 0
  const handle = await open(join(scratch, name), 'r+')
  const flip = async (bit: number): Promise<void> => {
    const at = bit >> 3
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
    await handle.write(bytes, at, 1, at)
  }
  try {
    for (let i = 0; i < (places?.length ?? bytes.length * 8) && goOn(); i++) {
      const bit = places?.[i] ?? i
      await flip(bit)
      if (!startFinds(bytes, found.length, found.length)) unfound.push({ bit, by: 'the start' })
      if (!startWithoutIndexFinds(bytes)) unfound.push({ bit, by: 'the start without index' })
      if (!(await auditFinds(scratch))) unfound.push({ bit, by: 'the audit of the folder' })
      await flip(bit)
      tried += 1
    }
  } finally {
    await handle.close()
  }
  return { blocks: found.length, bits: bytes.length * 8, tried, unfound }
}
