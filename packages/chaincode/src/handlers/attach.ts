import {
  AttachArgumentCodec,
  AttachmentHeaderCodec,
  canonicalText,
  chunkEntry,
  chunksOf,
  decodeWith,
  headerEntry,
  ledgerLimits,
  mayAct,
  newError,
  parseCanonical,
  recordBounds,
  toJson,
  type AttachAnswer,
  type AttachArgument,
  type AttachmentHeader,
  type BimsError
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection } from '../state/collection.ts'
import type { PlannedWrite } from '../state/index-write.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { attachmentKey, chunkKey } from '../state/state-key.ts'
import { malformedArgument, parseArgument, plain, transientEntries } from './argument.ts'
import { writeAll } from './write-all.ts'

const members = { owner: plain, digest: plain, size: plain, chunks: plain, first: plain, count: plain }

const checkSizes = (argument: AttachArgument): E.Either<BimsError, AttachArgument> => {
  const { chunks, count, first, size } = argument
  const { chunksPerAttachment, chunksPerTransaction } = ledgerLimits
  if (chunks !== chunksOf(size) || chunks > chunksPerAttachment)
    return malformedArgument(`${size} bytes are ${chunksOf(size)} chunks, at most ${chunksPerAttachment}.`)
  if (count > chunksPerTransaction || first + count > chunks || (count === 0 && chunks > 0))
    return malformedArgument(`A transaction takes 1 to ${chunksPerTransaction} chunks of those that there are.`)
  return E.right(argument)
}

const mayAttach = (caller: Caller): E.Either<BimsError, undefined> =>
  mayAct(caller.role, 'attach', 'own-submission')
    ? E.right(undefined)
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} has the role ${caller.role}, which may not attach.`,
          'Use an identity whose certificate holds a bims.role that may.'
        )
      )

const checkHeader = ({ chunks, size }: AttachArgument, bytes: Uint8Array): E.Either<BimsError, undefined> => {
  const header = E.flatMap(decodeWith(AttachmentHeaderCodec, 'the header of an attachment', 'transaction-malformed'))(
    parseCanonical(bytes, recordBounds)
  )
  if (E.isLeft(header)) return malformedArgument(`The header of the attachment cannot be read: ${header.left.what}`)
  const said: AttachmentHeader = header.right
  return said.size === size && said.chunks === chunks
    ? E.right(undefined)
    : malformedArgument('The header of the attachment says another size than the argument.')
}

const chunkLength = ({ chunks, size }: AttachArgument, n: number): number =>
  n === chunks - 1 ? size - n * ledgerLimits.chunkBytes : ledgerLimits.chunkBytes

const namesOf = ({ count, first }: AttachArgument): readonly string[] => [
  ...Array.from({ length: count }, (_, i) => chunkEntry(first + i)),
  ...(first === 0 ? [headerEntry] : [])
]

const writesOf = (
  caller: Caller,
  argument: AttachArgument,
  entries: readonly Uint8Array[]
): E.Either<BimsError, readonly PlannedWrite[]> => {
  const { count, digest, first } = argument
  const chunks = entries.slice(0, count)
  const wrong = chunks.findIndex((chunk, i) => chunk.length !== chunkLength(argument, first + i))
  if (wrong >= 0)
    return malformedArgument(`Chunk ${first + wrong} has not ${chunkLength(argument, first + wrong)} bytes.`)
  const writes = chunks.map((value, i) => ({ key: chunkKey(digest, caller.enrollmentId, first + i), value }))
  const header = entries[count]
  if (header === undefined) return E.right(writes)
  return E.map(() => [...writes, { key: attachmentKey(digest, caller.enrollmentId), value: header }])(
    checkHeader(argument, header)
  )
}

/**
 * The transaction `Attach`: chunks of an attachment, blindly, into the private collection of the caller's organisation, side by side
 * with those of other submitters. Its digest is over all chunks and is verified by whoever reads them.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`.
 */
export const attach =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkSizes)(parseArgument(AttachArgumentCodec, members, argument))
    if (E.isLeft(parsed)) return parsed
    const allowed = mayAttach(caller)
    if (E.isLeft(allowed)) return allowed
    const collection = ownCollection(state, caller, parsed.right)
    if (E.isLeft(collection)) return collection
    const writes = E.flatMap((entries: readonly Uint8Array[]) => writesOf(caller, parsed.right, entries))(
      transientEntries(state, namesOf(parsed.right))
    )
    if (E.isLeft(writes)) return writes
    const written = await writeAll(collection.right.put, writes.right)
    const answer: AttachAnswer = { chunks: parsed.right.count, transaction: state.transaction }
    return E.map(() => canonicalText(toJson(answer)))(written)
  }
