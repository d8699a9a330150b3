import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import type { BimsError, ByteSource, EditableFile } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt, raise } from './attempt.ts'
import { checkRange } from './buffer.ts'
import { onDisk } from './errno.ts'

/** An open file; whoever opened it closes it. */
export interface FileSource extends ByteSource {
  readonly path: string
  readonly close: () => TaskEither<BimsError, void>
}

/** A file opened for changes in place; whoever opened it closes it. */
export interface EditableFileSource extends EditableFile {
  readonly path: string
  readonly close: () => TaskEither<BimsError, void>
}

/** Without it, opening a named pipe would wait for its writer for ever; Windows has none of it. */
export const nonBlocking = 'O_NONBLOCK' in constants ? constants.O_NONBLOCK : 0

/** Reads up to `length` bytes; fewer only at the end of the file. */
const readFully = async (handle: FileHandle, path: string, offset: number, length: number): Promise<Uint8Array> => {
  // Not zeroed beforehand: everything handed out is read into it.
  const bytes = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    // Node refuses single reads of 2 GiB and more.
    const step = Math.min(length - done, 1 << 30)
    const { bytesRead } = await onDisk(path, handle.read(bytes, done, step, offset + done))
    if (bytesRead === 0) break
    done += bytesRead
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, done)
}

/** Writes everything at an offset, however many system calls that takes. */
export const writeFully = async (
  handle: FileHandle,
  path: string,
  offset: number,
  bytes: Uint8Array
): Promise<void> => {
  let done = 0
  while (done < bytes.length) {
    const step = Math.min(bytes.length - done, 1 << 30)
    const { bytesWritten } = await onDisk(path, handle.write(bytes, done, step, offset + done))
    done += bytesWritten
  }
}

const regularFile = async (path: string, flags: number): Promise<{ handle: FileHandle; size: number }> => {
  const handle = await onDisk(path, open(path, flags | nonBlocking))
  try {
    const status = await onDisk(path, handle.stat())
    if (!status.isFile()) await onDisk(path, Promise.reject(Object.assign(new Error('not a file'), { code: 'EISDIR' })))
    return { handle, size: status.size }
  } catch (error) {
    await handle.close()
    throw error
  }
}

const read =
  (handle: FileHandle, path: string, size: () => number) =>
  (offset: number, length: number): TaskEither<BimsError, Uint8Array> =>
    attempt(async () => {
      const range = checkRange(offset, length)
      if (range._tag === 'Left') raise(range.left)
      // No more memory than the file can fill, whatever is asked for.
      return readFully(handle, path, offset, Math.max(0, Math.min(length, size() - offset)))
    })

/** Opens a file for ranged reads. Fails with `file-missing`, `file-permission`, `file-io`. */
export const openFile = (path: string): TaskEither<BimsError, FileSource> =>
  attempt(async () => {
    const { handle, size } = await regularFile(path, constants.O_RDONLY)
    return {
      path,
      name: basename(path),
      size,
      read: read(handle, path, () => size),
      close: () => attempt(() => onDisk(path, handle.close()))
    }
  })

/** The operations of an open handle as an {@link EditableFile}. */
export const editableHandle = (handle: FileHandle, path: string, initialSize: number): EditableFile => {
  let size = initialSize
  return {
    name: basename(path),
    get size() {
      return size
    },
    read: read(handle, path, () => size),
    write: (offset, bytes) =>
      attempt(async () => {
        await writeFully(handle, path, offset, bytes)
        size = Math.max(size, offset + bytes.length)
      }),
    truncate: length =>
      attempt(async () => {
        await onDisk(path, handle.truncate(length))
        size = length
      }),
    sync: () => attempt(() => onDisk(path, handle.sync()))
  }
}

/** Opens an existing file for changes in place. Fails with `file-missing`, `file-permission`, `file-io`. */
export const openEditable = (path: string): TaskEither<BimsError, EditableFileSource> =>
  attempt(async () => {
    const { handle, size } = await regularFile(path, constants.O_RDWR)
    const file = editableHandle(handle, path, size)
    return Object.defineProperties(
      { ...file, path, close: () => attempt(() => onDisk(path, handle.close())) },
      { size: { get: () => file.size, enumerable: true } }
    )
  })
