import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
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

/** Writes a file so that it is whole or as before, whatever happens meanwhile. */
export const writeWholeFile = async (path: string, text: string, mode = 0o644): Promise<void> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
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
