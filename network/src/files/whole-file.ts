import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Makes the entries of a folder durable, where the system can. */
export const syncFolder = async (dir: string): Promise<void> => {
  const handle = await open(dir, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch {
    // Some systems cannot synchronise a folder; the file itself is durable all the same.
  } finally {
    await handle?.close()
  }
}

/** Makes the names of a folder and of all those above it durable: whoever made them may not have done so. */
export const syncFoldersUp = async (dir: string): Promise<void> => {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    await syncFolder(folder)
    if (folder === dirname(folder)) return
  }
}

/** A file that is to stand in a folder. */
export interface FolderFile {
  /** Path within the folder. */
  readonly path: string
  readonly text: string
  readonly mode?: number
}

const writeSynced = async (path: string, text: string, mode: number): Promise<void> => {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Makes a folder with its files so that it is there with all of them or not at all, whatever happens meanwhile. It is filled as
 * `temporary`, which is emptied before, and moved to `path` last; the folder that `path` stands in must be there.
 */
export const writeWholeFolder = async (
  path: string,
  temporary: string,
  files: readonly FolderFile[]
): Promise<void> => {
  await rm(temporary, { recursive: true, force: true })
  const folders = new Set([temporary])
  for (const file of files)
    for (let folder = dirname(join(temporary, file.path)); !folders.has(folder); folder = dirname(folder))
      folders.add(folder)
  for (const folder of [...folders].sort()) await mkdir(folder, { recursive: true })
  await Promise.all(files.map(({ mode = 0o644, path: name, text }) => writeSynced(join(temporary, name), text, mode)))
  await Promise.all([...folders].map(syncFolder))
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Writes a file so that it is whole or as before, whatever happens meanwhile. */
export const writeWholeFile = async (path: string, text: string, mode = 0o644): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeSynced(temporary, text, mode)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Removes what writers that were killed left behind in a folder; only where no other process writes there. */
export const removeUnfinished = async (dir: string): Promise<void> => {
  const left = (await readdir(dir)).filter(name => /\.[0-9a-f]{12}\.tmp$/.test(name))
  await Promise.all(left.map(name => rm(join(dir, name), { force: true })))
}
