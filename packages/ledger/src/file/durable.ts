import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { FileSystem } from './file-system.ts'
import { codeOf } from './io-error.ts'

/** What the names of files that are not whole yet begin with. */
const temporaryPrefix = '.new-'

/** A name for a file that is not whole yet, beside the path given. */
const temporaryBeside = (path: string): string =>
  join(dirname(path), `${temporaryPrefix}${randomBytes(8).toString('hex')}`)

/** Writes a new file under a temporary name, whole and durable, and returns that name. Where it fails nothing stays. */
export const writeTemporary = async (files: FileSystem, path: string, bytes: Uint8Array): Promise<string> => {
  const temporary = temporaryBeside(path)
  const file = await files.create(temporary)
  try {
    try {
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    await files.remove(temporary).catch(() => undefined)
    throw cause
  }
  return temporary
}

/** Writes a file that is whole under its name or not there, and durable when this returns. */
export const writeDurably = async (files: FileSystem, path: string, bytes: Uint8Array): Promise<void> => {
  const temporary = await writeTemporary(files, path, bytes)
  try {
    await files.rename(temporary, path)
  } catch (cause) {
    await files.remove(temporary).catch(() => undefined)
    throw cause
  }
  await files.syncFolder(dirname(path))
}

/** Makes a folder and those above it, so that their names survive a power cut. */
export const makeFolderDurably = async (files: FileSystem, path: string): Promise<void> => {
  const first = await files.makeFolder(path)
  // Without a first one that was made, the folder may still be new to the disk: another process may have made it just now.
  const top = dirname(first ?? path)
  for (let folder = path; folder !== top && folder !== dirname(folder); folder = dirname(folder))
    await files.syncFolder(dirname(folder))
}

/** Reads a file; undefined where there is none, for instance because another process has just removed it. */
export const readIfThere = async (files: FileSystem, path: string): Promise<Uint8Array | undefined> => {
  try {
    return await files.read(path)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw cause
  }
}

/** Removes files that were never finished: their writers are gone by any measure. */
export const removeAbandoned = async (files: FileSystem, folder: string, olderThan: number): Promise<void> => {
  for (const name of await files.list(folder)) {
    if (!name.startsWith(temporaryPrefix)) continue
    const path = join(folder, name)
    const changed = await files.changedAt(path).catch(() => undefined)
    if (changed !== undefined && changed < olderThan) await files.remove(path)
  }
}
