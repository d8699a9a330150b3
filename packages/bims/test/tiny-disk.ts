import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system with next to no room in it. */
export interface TinyDisk {
  readonly folder: string
  readonly remove: () => Promise<void>
}

/** Mounts a file system of so many KiB; undefined where this machine or user may not. */
export const newTinyDisk = async (kibibytes: number): Promise<TinyDisk | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'bims-tiny-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder])
  if (mounted.status !== 0) {
    await rm(folder, { recursive: true })
    return undefined
  }
  return {
    folder,
    remove: async () => {
      spawnSync('umount', [folder])
      await rm(folder, { recursive: true, force: true })
    }
  }
}
