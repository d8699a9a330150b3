import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

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
