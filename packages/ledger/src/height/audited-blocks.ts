import { join, resolve } from 'node:path'
import { canonicalBytes, type BimsError } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { BlockMark } from '../audit/report.ts'
import { attempt } from '../file/attempt.ts'
import { makeFolderDurably, readIfThere, writeDurably } from '../file/durable.ts'
import type { FileSystem } from '../file/file-system.ts'
import { nodeFileSystem } from '../file/node-file-system.ts'
import type { Profile } from '../profile/profile.ts'
import { ledgerKey } from './seen-height.ts'

/** The first and the last block of a ledger's chain when it was audited and found right, kept on the auditor's own disk. */
export interface AuditedBlocks {
  /** Nothing where none was audited, or what was kept cannot be read. Fails with `file-permission`, `file-io`. */
  readonly read: () => TaskEither<BimsError, readonly BlockMark[]>
  /** Fails with `disk-full`, `file-permission`, `file-io`. */
  readonly keep: (marks: readonly BlockMark[]) => TaskEither<BimsError, void>
}

const isMark = (u: unknown): u is BlockMark =>
  typeof u === 'object' &&
  u !== null &&
  'block' in u &&
  'hash' in u &&
  Number.isSafeInteger(u.block) &&
  typeof u.hash === 'string' &&
  /^[0-9a-f]{64}$/.test(u.hash)

const marksIn = (bytes: Uint8Array | undefined): readonly BlockMark[] => {
  if (bytes === undefined) return []
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString())
    return Array.isArray(value) ? value.filter(isMark) : []
  } catch {
    return []
  }
}

const doing = 'Remembering the audited blocks'

/** What is remembered of the audits of a profile's ledger (`DIR/seen/<ledger>/audited.json`). */
export const auditedBlocks = (
  dir: string,
  profile: Pick<Profile, 'channel' | 'organizations'>,
  files: FileSystem = nodeFileSystem
): AuditedBlocks => {
  const folder = join(resolve(dir), 'seen', ledgerKey(profile))
  const path = join(folder, 'audited.json')
  return {
    read: () => attempt(doing, async () => marksIn(await readIfThere(files, path))),
    keep: marks =>
      attempt(doing, async () => {
        await makeFolderDurably(files, folder)
        await writeDurably(files, path, canonicalBytes(marks.map(({ block, hash }) => ({ block, hash }))))
      })
  }
}
