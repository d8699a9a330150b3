import { constants } from 'node:fs'
import { access, link, open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { BimsError, EditableFile } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt, fail, unwrap } from './attempt.ts'
import { onDisk } from './errno.ts'
import { editableHandle, nonBlocking, writeFully } from './file.ts'

/** How a new file meets one that stands there already. */
export interface WholeFileOptions {
  /** Replaces an existing file; otherwise `file-exists`. */
  readonly overwrite?: boolean
  /** Stops with `interrupted`, leaving nothing. */
  readonly signal?: AbortSignal
}

/** Makes the entry of a new name durable; a file system that cannot sync a folder has nothing to lose here. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close().catch(() => undefined)
}

/** Gives the finished file its name: `link` never replaces a file, not even one that came into being meanwhile. */
const publish = async (temporary: string, path: string, overwrite: boolean): Promise<void> => {
  if (overwrite) return onDisk(path, rename(temporary, path))
  try {
    await link(temporary, path)
  } catch (thrown) {
    const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']
    const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    if (!linkless.includes(errno)) return onDisk(path, Promise.reject(thrown))
    // A file system without hard links (FAT, some network drives): the name is taken first, then replaced.
    await onDisk(path, (await onDisk(path, open(path, 'wx'))).close())
    return onDisk(path, rename(temporary, path))
  }
  await onDisk(path, unlink(temporary))
}

const refuseExisting = async (path: string): Promise<void> => {
  const existing = await open(path, constants.O_RDONLY | nonBlocking).catch(() => undefined)
  if (existing === undefined) return
  await existing.close()
  fail('file-exists', `The output exists already: ${path}`, 'Choose another name, or allow overwriting.')
}

/** Renaming needs no permission on the file that it replaces; a protected file is meant to stay all the same. */
const refuseProtected = async (path: string): Promise<void> => {
  try {
    await access(path, constants.W_OK)
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return
    await onDisk(path, Promise.reject(thrown))
  }
}

const intoTemporary = async (
  path: string,
  options: WholeFileOptions,
  fill: (handle: FileHandle, temporary: string) => Promise<void>
): Promise<void> => {
  if (options.overwrite === true) await refuseProtected(path)
  else await refuseExisting(path)
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`)
  const handle = await onDisk(path, open(temporary, 'wx+'))
  try {
    try {
      await fill(handle, path)
      await onDisk(path, handle.sync())
    } finally {
      await handle.close()
    }
    await publish(temporary, path, options.overwrite === true)
  } catch (thrown) {
    await unlink(temporary).catch(() => undefined)
    throw thrown
  }
  await syncFolder(dirname(path))
}

/**
 * Writes a file that is whole or absent, whenever the process dies: into a temporary file in the same folder, synced,
 * then given its name. Chunks are taken one at a time.
 * Fails with `file-exists`, `disk-full`, `file-permission`, `file-missing` (the folder), `file-io`.
 */
export const writeWhole = (
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: WholeFileOptions = {}
): TaskEither<BimsError, void> =>
  attempt(() =>
    intoTemporary(path, options, async handle => {
      let offset = 0
      for await (const chunk of chunks) {
        await writeFully(handle, path, offset, chunk)
        offset += chunk.length
      }
    })
  )

/** As {@link writeWhole}, for a format that writes here and there (a header at the end). */
export const createWhole = (
  path: string,
  fill: (file: EditableFile) => TaskEither<BimsError, void>,
  options: WholeFileOptions = {}
): TaskEither<BimsError, void> =>
  attempt(() => intoTemporary(path, options, handle => unwrap(fill(editableHandle(handle, path, 0)))))
