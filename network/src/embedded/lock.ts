import { mkdir, rm } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { newError } from '@bims/core'

/** A hold on a folder that no other process has; the operating system gives it up when the process ends. */
export interface FolderLock {
  readonly release: () => Promise<void>
}

const isLocked = (error: unknown): boolean => {
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined)
    if ('code' in at && at.code === 'LEVEL_LOCKED') return true
  return false
}

const tryOpen = async (dir: string): Promise<ClassicLevel> => {
  const level = new ClassicLevel(dir)
  await level.open()
  return level
}

/**
 * Takes hold of a folder. LevelDB locks a file of its own by the means of each operating system, which a killed
 * process cannot leave behind; an empty database serves as the lock.
 * @throws `network-locked`
 */
export const lockFolder = async (dir: string): Promise<FolderLock> => {
  await mkdir(dir, { recursive: true })
  const level = await tryOpen(dir).catch(async (error: unknown) => {
    if (isLocked(error))
      throw newError(
        'network-locked',
        'Another process runs the embedded ledger of this folder.',
        'Use the running one, stop it with `bims network down`, or choose another folder with --dir.'
      )
    // The lock was free, but the database in it is damaged. It holds nothing.
    await rm(dir, { recursive: true, force: true })
    return tryOpen(dir)
  })
  return { release: () => level.close() }
}
