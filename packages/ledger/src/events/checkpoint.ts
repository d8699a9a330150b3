import { dirname } from 'node:path'
import { canonicalBytes, decodeWith, newError, parseJson, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { readIfThere, writeDurably } from '../file/durable.ts'
import type { FileSystem } from '../file/file-system.ts'
import { ioError } from '../file/io-error.ts'
import { nodeFileSystem } from '../file/node-file-system.ts'
import { seal, unseal } from '../file/sealed-file.ts'

/** How far a stream was dealt with. */
export interface Position {
  /** The block to begin with. */
  readonly block: number
  /** In that block, the last transaction that was dealt with; absent: none yet. */
  readonly transaction?: string
}

/** Where a position is kept between runs. */
export interface Checkpoint {
  /** Undefined where nothing was dealt with yet. */
  readonly position: () => Position | undefined
  /** Keeps a position. When this returns it survives a kill and a power cut, where the checkpoint is a file. */
  readonly advance: (position: Position) => TaskEither<BimsError, void>
}

const schema = 'bims.checkpoint/1'

const PositionCodec: t.Type<Position, unknown, unknown> = t.intersection([
  t.type({ block: t.number }),
  t.partial({ transaction: t.string })
])

/** A checkpoint that lasts as long as the program. */
export const newCheckpoint = (from?: Position): Checkpoint => {
  let position = from
  return {
    position: () => position,
    advance: next => () => {
      position = next
      return Promise.resolve(E.right(undefined))
    }
  }
}

const read = (path: string, bytes: Uint8Array): E.Either<BimsError, Position> => {
  const body = unseal(schema, bytes)
  const position =
    body === undefined
      ? undefined
      : E.flatMap(decodeWith(PositionCodec, 'a checkpoint'))(parseJson(body, { bytes: 4096, depth: 4 }))
  return position !== undefined && E.isRight(position)
    ? position
    : E.left(
        newError(
          'file-io',
          `${path} is not a checkpoint as it was written.`,
          'Check the disk. Remove the file to begin from the first block again.'
        )
      )
}

/**
 * Opens the checkpoint in a file; there is none until the first position is kept.
 * Fails with `file-permission`, and `file-io` where the file is not as it was written.
 */
export const openCheckpoint =
  (path: string, files: FileSystem = nodeFileSystem): TaskEither<BimsError, Checkpoint> =>
  async () => {
    try {
      await files.makeFolder(dirname(path))
      const bytes = await readIfThere(files, path)
      const found = bytes === undefined ? E.right(undefined) : read(path, bytes)
      if (E.isLeft(found)) return found
      let position = found.right
      return E.right({
        position: () => position,
        advance: next => async () => {
          try {
            await writeDurably(files, path, seal(schema, canonicalBytes({ ...next })))
            position = next
            return E.right(undefined)
          } catch (cause) {
            return E.left(ioError('Keeping a checkpoint', cause))
          }
        }
      })
    } catch (cause) {
      return E.left(ioError('Opening a checkpoint', cause))
    }
  }
