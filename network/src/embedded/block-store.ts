import { mkdir, open, readFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { blockFileName, blockFilesIn, frame, frameHeadBytes, frameHolds, readFrameHead } from '@bims/ledger/blocks'
import { syncFolder, syncFoldersUp } from '../files/whole-file.ts'
import { scanBlocks } from './block-scan.ts'
import type { BlockLocation, BlockLocations } from './block-locations.ts'
import { corrupt } from './corrupt.ts'

/** The blocks of a chain on disk, append-only. */
export interface BlockStore {
  /** Number of blocks. */
  readonly height: () => number
  /** Where a block stands. */
  readonly locate: (number: number) => BlockLocation | undefined
  /** Writes the next block; when it resolves the block survives a power cut. Rejects and leaves nothing otherwise. */
  readonly append: (block: Uint8Array) => Promise<BlockLocation>
  /** Reads a block and checks it; rejects with `network-corrupt`. */
  readonly read: (number: number) => Promise<Buffer>
  readonly close: () => Promise<void>
}

/** How a block store is opened. */
export interface BlockStoreOptions {
  readonly dir: string
  /** Where blocks stand as far as the index knows; they had been acknowledged. The store goes on with this list. */
  readonly known: BlockLocations
  /** Blocks below this number had been acknowledged. Default: those known. */
  readonly committed?: number
  /** A new file is begun when one would grow past this. Default 32 MiB. */
  readonly fileBytes?: number
  /** How many bytes at the end of the chain are checked at start. Default 64 MiB; all the rest when read. */
  readonly checkedTailBytes?: number
}

const defaultFileBytes = 32 * 1024 * 1024
const defaultCheckedTailBytes = 64 * 1024 * 1024
const maxOpenFiles = 16

const listFiles = async (dir: string): Promise<number> => {
  const files = await blockFilesIn(dir)
  files.forEach((file, i) => {
    if (file !== i) throw corrupt(`The block file ${blockFileName(i)} is missing.`)
  })
  return files.length
}

// The index tells where the blocks stand; checking begins so far back that the whole tail is covered.
const firstChecked = (known: BlockLocations, tail: number): number => {
  let bytes = 0
  let number = known.count()
  while (number > 0 && bytes < tail) bytes += (known.at(--number)?.length ?? 0) + frameHeadBytes
  return number
}

const truncate = async (path: string, length: number): Promise<void> => {
  const handle = await open(path, 'r+')
  try {
    await handle.truncate(length)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

interface Tail {
  readonly locations: BlockLocations
  readonly file: number
  readonly size: number
}

const endOf = (location: BlockLocation | undefined): number =>
  location === undefined ? 0 : location.offset + frameHeadBytes + location.length

const scanTail = async (options: BlockStoreOptions, files: number): Promise<Tail> => {
  const { dir, known: locations } = options
  const committed = options.committed ?? locations.count()
  locations.keep(firstChecked(locations, options.checkedTailBytes ?? defaultCheckedTailBytes))
  const lastKnown = locations.at(locations.count() - 1)
  let from = endOf(lastKnown)
  let size = from
  for (let file = lastKnown?.file ?? 0; file < files; file++) {
    const bytes = await readFile(join(dir, blockFileName(file)))
    const last = file === files - 1
    if (from > bytes.length) throw corrupt(`The block file ${blockFileName(file)} has been cut short.`)
    const result = scanBlocks({ file, bytes, from, number: locations.count(), committed, last })
    if (result.end < bytes.length) await truncate(join(dir, blockFileName(file)), result.end)
    for (const location of result.found) locations.push(location)
    size = result.end
    from = 0
  }
  if (locations.count() < committed)
    throw corrupt(`Block ${locations.count()}, which had been acknowledged, is missing.`)
  return { locations, file: Math.max(0, files - 1), size }
}

interface Readers {
  readonly of: (file: number) => Promise<FileHandle>
  readonly close: () => Promise<void>
}

const newReaders = (dir: string): Readers => {
  const handles = new Map<number, Promise<FileHandle>>()
  return {
    of: file => {
      const present = handles.get(file)
      if (present !== undefined) return present
      const oldest = handles.size >= maxOpenFiles ? handles.keys().next().value : undefined
      if (oldest !== undefined) {
        const closing = handles.get(oldest)
        handles.delete(oldest)
        // Readers that still use it hold the promise; a moment later none does.
        setTimeout(() => void closing?.then(handle => handle.close()), 10_000).unref()
      }
      const opened = open(join(dir, blockFileName(file)), 'r')
      handles.set(file, opened)
      return opened
    },
    close: async () => {
      await Promise.all([...handles.values()].map(async handle => (await handle).close()))
    }
  }
}

const readBlock = async (readers: Readers, number: number, location: BlockLocation): Promise<Buffer> => {
  const handle = await readers.of(location.file)
  const bytes = Buffer.allocUnsafe(frameHeadBytes + location.length)
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, location.offset)
  const head = readFrameHead(bytes)
  const block = bytes.subarray(frameHeadBytes)
  if (bytesRead !== bytes.length || head === undefined || head.number !== number || !frameHolds(head, block))
    throw corrupt(`Block ${number} in ${blockFileName(location.file)} is damaged.`)
  return block
}

const writeAll = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/**
 * Opens the block files of a folder, checks their tail and repairs a torn end.
 * @throws `network-corrupt` where anything but an unacknowledged end is damaged or missing.
 */
export const openBlockStore = async (options: BlockStoreOptions): Promise<BlockStore> => {
  const { dir } = options
  const fileBytes = options.fileBytes ?? defaultFileBytes
  await mkdir(dir, { recursive: true })
  const { locations, ...tail } = await scanTail(options, await listFiles(dir))
  const readers = newReaders(dir)
  let { file, size } = tail
  let handle = await open(join(dir, blockFileName(file)), 'a+').then(async created => {
    await created.close()
    await syncFoldersUp(dir)
    return open(join(dir, blockFileName(file)), 'r+')
  })

  const nextFile = async (): Promise<void> => {
    const next = await open(join(dir, blockFileName(file + 1)), 'w+')
    await syncFolder(dir)
    await handle.close()
    handle = next
    file += 1
    size = 0
  }

  const append = async (block: Uint8Array): Promise<BlockLocation> => {
    const bytes = frame(locations.count(), block)
    if (size > 0 && size + bytes.length > fileBytes) await nextFile()
    try {
      await writeAll(handle, bytes, size)
      await handle.datasync()
    } catch (error) {
      // What was written of it must not stand behind the block that takes its place.
      await handle.truncate(size)
      throw error
    }
    const location = { file, offset: size, length: block.length }
    size += bytes.length
    locations.push(location)
    return location
  }

  return {
    height: locations.count,
    locate: locations.at,
    append,
    read: async number => {
      const location = locations.at(number)
      if (location === undefined) throw corrupt(`There is no block ${number}.`)
      return readBlock(readers, number, location)
    },
    close: async () => {
      await readers.close()
      await handle.close()
    }
  }
}
