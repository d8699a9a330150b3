import {
  AttachArgumentCodec,
  AttachmentHeaderCodec,
  canonicalText,
  chunkEntry,
  chunksOf,
  decodeWith,
  equalBytes,
  headerEntry,
  ledgerLimits,
  mayAct,
  newError,
  parseCanonical,
  recordBounds,
  sha256,
  sharedBy,
  toJson,
  type AttachAnswer,
  type AttachArgument,
  type AttachmentHeader,
  type AttachmentShare,
  type BimsError
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection, receiverCollection } from '../state/collection.ts'
import type { PlannedWrite } from '../state/index-write.ts'
import type { LedgerState, PrivateState } from '../state/ledger-state.ts'
import { attachmentKey, chunkKey, isKeyName } from '../state/state-key.ts'
import { malformedArgument, parseArgument, plain, transientEntries } from './argument.ts'
import { ownSubmissions, type OwnSubmissions } from './release.ts'
import { writeAll } from './write-all.ts'

const members = {
  owner: plain,
  digest: plain,
  size: plain,
  chunks: plain,
  first: plain,
  count: plain,
  share: { receiver: plain, enrollmentId: plain }
}

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
  enrollmentId: string,
  argument: AttachArgument,
  entries: readonly Uint8Array[]
): E.Either<BimsError, readonly PlannedWrite[]> => {
  const { count, digest, first } = argument
  const chunks = entries.slice(0, count)
  const wrong = chunks.findIndex((chunk, i) => chunk.length !== chunkLength(argument, first + i))
  if (wrong >= 0)
    return malformedArgument(`Chunk ${first + wrong} has not ${chunkLength(argument, first + wrong)} bytes.`)
  const writes = chunks.map((value, i) => ({ key: chunkKey(digest, enrollmentId, first + i), value }))
  const header = entries[count]
  if (header === undefined) return E.right(writes)
  return E.map(() => [...writes, { key: attachmentKey(digest, enrollmentId), value: header }])(
    checkHeader(argument, header)
  )
}

/** Where chunks are written, and under whose name. */
interface Destination {
  readonly collection: PrivateState
  readonly enrollmentId: string
}

const ownDestination = (
  state: LedgerState,
  caller: Caller,
  argument: AttachArgument
): E.Either<BimsError, Destination> =>
  E.map((collection: PrivateState) => ({ collection, enrollmentId: caller.enrollmentId }))(
    E.flatMap(() => ownCollection(state, caller, argument))(mayAttach(caller))
  )

const notKept = (digest: string, enrollmentId: string): BimsError =>
  newError(
    'ledger-not-found',
    `${enrollmentId} keeps no attachment ${digest} with these bytes.`,
    'Attach it first; name whose copy it is where it is another one’s.'
  )

/** A part is shared where the owner's collection holds these very bytes: by its hash, which every peer of the channel knows. */
const isKept = async (
  { collection }: OwnSubmissions,
  { key, value }: PlannedWrite
): Promise<E.Either<BimsError, boolean>> =>
  E.map((hash: Uint8Array | undefined) => hash !== undefined && equalBytes(hash, sha256(value)))(
    await collection.hash(key)()
  )

const shareDestination = async (
  state: LedgerState,
  caller: Caller,
  { digest, owner }: AttachArgument,
  share: AttachmentShare,
  writesFor: (enrollmentId: string) => E.Either<BimsError, readonly PlannedWrite[]>
): Promise<E.Either<BimsError, Destination>> => {
  const own = ownSubmissions(state, caller, { owner, ...share }, 'share')
  if (E.isLeft(own)) return own
  const collection = receiverCollection(state, caller, share.receiver)
  if (E.isLeft(collection)) return collection
  const writes = writesFor(own.right.enrollmentId)
  if (E.isLeft(writes)) return writes
  for (const write of writes.right) {
    const kept = await isKept(own.right, write)
    if (E.isLeft(kept)) return kept
    if (!kept.right) return E.left(notKept(digest, own.right.enrollmentId))
  }
  const enrollmentId = sharedBy(owner, own.right.enrollmentId)
  return isKeyName(enrollmentId)
    ? E.right({ collection: collection.right, enrollmentId })
    : malformedArgument('The submitter that is meant has no usable name.')
}

/**
 * The transaction `Attach`: chunks of an attachment, blindly, into the private collection of the caller's organisation, side by side
 * with those of other submitters. Its digest is over all chunks and is verified by whoever reads them. With `share`, endorsed by a peer
 * of the receiver: chunks that the owner keeps already, into the receiver's collection.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found`.
 */
export const attach =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkSizes)(parseArgument(AttachArgumentCodec, members, argument))
    if (E.isLeft(parsed)) return parsed
    const { share } = parsed.right
    const writesFor = (enrollmentId: string): E.Either<BimsError, readonly PlannedWrite[]> =>
      E.flatMap((entries: readonly Uint8Array[]) => writesOf(enrollmentId, parsed.right, entries))(
        transientEntries(state, namesOf(parsed.right))
      )
    const destination =
      share === undefined
        ? ownDestination(state, caller, parsed.right)
        : await shareDestination(state, caller, parsed.right, share, writesFor)
    if (E.isLeft(destination)) return destination
    const writes = writesFor(destination.right.enrollmentId)
    if (E.isLeft(writes)) return writes
    const written = await writeAll(destination.right.collection.put, writes.right)
    const answer: AttachAnswer = { chunks: parsed.right.count, transaction: state.transaction }
    return E.map(() => canonicalText(toJson(answer)))(written)
  }
