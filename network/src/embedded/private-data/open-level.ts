import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

const binary = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

const open = async (dir: string): Promise<ClassicLevel<Buffer, Buffer>> => {
  const db = new ClassicLevel<Buffer, Buffer>(dir, binary)
  await db.open()
  return db
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error && typeof error.cause === 'object' && error.cause !== null && 'code' in error.cause
    ? error.cause.code === 'LEVEL_LOCKED'
    : false

// What was kept had been synchronised into LevelDB's log, and may have moved on into tables; neither means that there is nothing.
const holdsNothing = async (dir: string): Promise<boolean> => {
  const names = await readdir(dir)
  if (names.some(name => /\.(ldb|sst)$/.test(name))) return false
  for (const name of names.filter(one => one.endsWith('.log')))
    if ((await readFile(join(dir, name))).some(byte => byte !== 0)) return false
  return true
}

/**
 * Opens the database of private data. A power cut while LevelDB makes a new one can leave files that it does not open
 * again: where nothing was kept in it yet it is made anew, and only there. Rejects as LevelDB does.
 */
export const openLevel = async (dir: string): Promise<ClassicLevel<Buffer, Buffer>> => {
  try {
    return await open(dir)
  } catch (error) {
    if (isLocked(error) || !(await holdsNothing(dir).catch(() => false))) throw error
    await rm(dir, { recursive: true, force: true })
    return open(dir)
  }
}
