import { join, resolve } from 'node:path'
import { newError, sha256, toHex, utf8, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt } from '../file/attempt.ts'
import type { FileSystem } from '../file/file-system.ts'
import { codeOf } from '../file/io-error.ts'
import { makeFolderDurably } from '../file/durable.ts'
import { nodeFileSystem } from '../file/node-file-system.ts'
import type { Profile } from '../profile/profile.ts'

/**
 * The greatest block that a client has seen of a ledger, kept on the client's own disk: whoever runs the ledger can cut
 * its chain short together with every index over it, and only somebody else's memory finds that out.
 */
export interface SeenHeight {
  /** The greatest block seen; undefined where none was. Fails with `file-permission`, `file-io`. */
  readonly block: () => TaskEither<BimsError, number | undefined>
  /** Remembers a block, durable when it returns; a smaller one changes nothing. Fails with `disk-full`, `file-permission`, `file-io`. */
  readonly note: (block: number) => TaskEither<BimsError, void>
  /**
   * Compares the ledger's newest block with what was seen, and remembers it.
   * Fails with `ledger-shortened` where the ledger ends before, and as `note` does.
   */
  readonly check: (newest: number) => TaskEither<BimsError, void>
}

/** The error for a ledger that ends before a block that was seen on it. */
export const shortened = (newest: number, seen: number): BimsError =>
  newError(
    'ledger-shortened',
    `The ledger ends with block ${newest}, but block ${seen} was seen on it before.`,
    'The chain was cut short, or put back to an old copy: records that were acknowledged are gone. Ask whoever runs the ledger; submit what is missing again.'
  )

const markPattern = /^block-(\d{1,16})$/

const blockOf = (name: string): number => {
  const match = markPattern.exec(name)
  return match === null ? -1 : Number(match[1])
}

/** A name for a ledger that a profile leads to: its channel and the root certificates of its organisations. */
export const ledgerKey = (profile: Pick<Profile, 'channel' | 'organizations'>): string => {
  const roots = profile.organizations.flatMap(({ mspId, mspRoots }) => mspRoots.map(root => `${mspId} ${root.trim()}`))
  return toHex(sha256(utf8([profile.channel, ...roots.sort()].join('\n')))).slice(0, 32)
}

const makeMark = async (files: FileSystem, path: string): Promise<void> => {
  try {
    const mark = await files.create(path)
    await mark.sync().finally(() => mark.close())
  } catch (cause) {
    // Another process has just seen the same block.
    if (codeOf(cause) !== 'EEXIST') throw cause
  }
}

// A height is the name of an empty file: a name is there or not, and several processes can only raise what is read.
const noteIn = async (files: FileSystem, folder: string, block: number): Promise<void> => {
  const names = await files.list(folder)
  const seen = Math.max(-1, ...names.map(blockOf))
  if (block <= seen) return
  await makeFolderDurably(files, folder)
  await makeMark(files, join(folder, `block-${block}`))
  await files.syncFolder(folder)
  for (const name of names) if (blockOf(name) >= 0) await files.remove(join(folder, name))
}

const doing = 'Remembering the height of the ledger'

/**
 * The height seen of the ledger of a profile, remembered in a folder (`DIR/seen/<ledger>/block-<n>`). The folder is made when
 * something is remembered.
 */
export const seenHeight = (
  dir: string,
  profile: Pick<Profile, 'channel' | 'organizations'>,
  files: FileSystem = nodeFileSystem
): SeenHeight => {
  const folder = join(resolve(dir), 'seen', ledgerKey(profile))
  const seen = async (): Promise<number> => Math.max(-1, ...(await files.list(folder)).map(blockOf))
  const note = (block: number): Promise<void> => noteIn(files, folder, block)
  return {
    block: () =>
      attempt(doing, async () => {
        const block = await seen()
        return block < 0 ? undefined : block
      }),
    note: block => attempt(doing, () => note(block)),
    check: newest => async () => {
      const found = await attempt(doing, seen)()
      if (E.isLeft(found)) return found
      return newest < found.right ? E.left(shortened(newest, found.right)) : attempt(doing, () => note(newest))()
    }
  }
}
