import type { ClassicLevel } from 'classic-level'
import { erasedPrefix, erasureKey, erasureRange, namesBeside, rangeOf } from './private-keys.ts'

const binary = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/** Erases from LevelDB's files what was deleted: until they are rewritten they keep it. */
export interface Erasure {
  /** Values whose keys begin so were deleted, and a note of each stands in the store. Goes on by itself. */
  readonly begin: (prefixes: readonly Buffer[]) => void
  /** Resolves when all that was begun is done, or has to be tried again at the next start. */
  readonly done: () => Promise<void>
}

/**
 * Begins to erase; what an earlier process left is done first. Whoever still reads keeps in the files what was there when
 * he began: `readers` resolves when those are done who read now.
 */
export const newErasure = async (
  db: ClassicLevel<Buffer, Buffer>,
  readers: () => Promise<unknown>
): Promise<Erasure> => {
  // The first time brings what stands in memory into a file, value and deletion side by side, perhaps at the bottom, where
  // nothing rewrites it. Deletions of both ends make a file above it that reaches over all of them: these are merged.
  const rewrite = async ({ gte, lt }: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void> => {
    await db.compactRange(gte, lt, binary)
    await db.batch(
      [gte, lt].map(key => ({ type: 'del' as const, key })),
      { ...binary, sync: true }
    )
    await db.compactRange(gte, lt, binary)
  }
  const erase = async (prefixes: readonly Buffer[]): Promise<void> => {
    await readers()
    for (const prefix of prefixes) await rewrite(rangeOf(prefix))
    const names = new Map(prefixes.map(prefix => [namesBeside(prefix).gte.toString('latin1'), namesBeside(prefix)]))
    for (const range of names.values()) await rewrite(range)
    for (const prefix of prefixes) await db.del(erasureKey(prefix), binary)
  }
  let work: Promise<void> = Promise.resolve()
  const begin: Erasure['begin'] = prefixes => {
    // What fails is done at the next start: its note stays.
    if (prefixes.length > 0) work = work.then(() => erase(prefixes)).catch(() => undefined)
  }
  begin((await db.keys({ ...binary, ...erasureRange }).all()).map(erasedPrefix))
  return { begin, done: () => work }
}
