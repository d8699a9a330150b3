import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { codeOf } from './io-error.ts'
import type { FileSystem, WritableFile } from './file-system.ts'

const create = async (path: string): Promise<WritableFile> => {
  const handle = await open(path, 'wx', 0o600)
  return {
    write: async bytes => {
      // A write may take only a part.
      for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
    },
    sync: () => handle.sync(),
    close: () => handle.close()
  }
}

const syncFolder = async (path: string): Promise<void> => {
  // Windows has no way to do this; there a rename is durable with the file system's own journal.
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const list = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return []
    throw cause
  }
}

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  list,
  read: path => readFile(path),
  changedAt: async path => (await stat(path)).mtimeMs,
  makeFolder: path => mkdir(path, { recursive: true, mode: 0o700 }),
  create,
  rename,
  link,
  remove: path => rm(path, { force: true }),
  syncFolder
}
