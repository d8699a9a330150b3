import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storedBlocks, type StoredPiece } from '../../blocks/blocks.ts'
import { parseBlock } from '../../chain/block.ts'
import { newError, type BimsError } from '@bims/core'
import { ioError } from '../../file/io-error.ts'
import type { ChainPiece, ChainSource } from '../source.ts'
import { peerBlockFiles, peerBlocks } from './peer-files.ts'

const embeddedPiece = (piece: StoredPiece): ChainPiece => {
  switch (piece._tag) {
    case 'Block':
      return { _tag: 'Block', bytes: piece.bytes }
    case 'Damaged':
      return { _tag: 'Damaged', number: piece.number, what: `${piece.file} at byte ${piece.offset}: ${piece.what}` }
    case 'Unfinished':
      return { _tag: 'Unfinished', number: piece.number, what: `${piece.length} bytes at the end of ${piece.file}` }
  }
}

async function* embeddedBlocks(dir: string): AsyncGenerator<ChainPiece> {
  for await (const piece of storedBlocks(dir)) yield embeddedPiece(piece)
}

interface Numbered {
  readonly number: number
  readonly path: string
}

// The number stands in the first bytes of a block; a file is read whole only when its turn comes.
const numberOf = async (path: string): Promise<number> => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
    return headNumber(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** The number in the header at the beginning of a serialized block, also of a part of one; -1 where there is none. */
const headNumber = (head: Buffer): number => {
  const length = head[1] ?? 0
  if (head[0] !== 0x0a || length > 127 || head.length < 2 + length) return -1
  return parseBlock(head.subarray(0, 2 + length))?.number ?? -1
}

async function* singleBlocks(dir: string, names: readonly string[]): AsyncGenerator<ChainPiece> {
  const files: Numbered[] = []
  for (const name of names) files.push({ number: await numberOf(join(dir, name)), path: join(dir, name) })
  files.sort((a, b) => a.number - b.number)
  for (const { path } of files) yield { _tag: 'Block', bytes: await readFile(path) }
}

const empty = (dir: string): BimsError =>
  newError(
    'file-missing',
    `${dir} holds no blocks.`,
    'Name a folder with block files of the embedded ledger or of a peer, or with one serialized block a file (*.block).'
  )

const kindOf = (names: readonly string[]): 'embedded' | 'peer' | 'single' | undefined => {
  if (names.some(name => /^blocks-\d{6}$/.test(name))) return 'embedded'
  if (peerBlockFiles(names).length > 0) return 'peer'
  return names.some(isSingle) ? 'single' : undefined
}

const isSingle = (name: string): boolean => /\.(block|pb)$/.test(name)

async function* read(dir: string): AsyncGenerator<ChainPiece> {
  const names = await readdir(dir)
  switch (kindOf(names)) {
    case 'embedded':
      yield* embeddedBlocks(dir)
      return
    case 'peer':
      yield* peerBlocks(dir, names)
      return
    case 'single':
      yield* singleBlocks(dir, names.filter(isSingle))
      return
    case undefined:
      throw empty(dir)
  }
}

/**
 * The blocks of a folder: block files of the embedded ledger (`blocks-000000`), of a real peer
 * (`ledgersData/chains/chains/<channel>/blockfile_000000`), or one serialized block a file (`*.block`, `*.pb`; in the
 * order of their numbers, whatever their names). Rejects with `file-missing`, `file-permission`, `file-io`.
 */
export async function* blocksInFolder(dir: string): ChainSource & AsyncGenerator<ChainPiece> {
  try {
    yield* read(dir)
  } catch (cause) {
    throw ioError(`Reading the blocks in ${dir}`, cause)
  }
}
