import {
  AttachmentHeaderCodec,
  canonicalText,
  ledgerLimits,
  newError,
  ReadAttachmentArgumentCodec,
  toBase64,
  toJson,
  type AttachmentHeader,
  type BimsError,
  type ReadAttachmentAnswer,
  type ReadAttachmentArgument
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState, StateRange } from '../state/ledger-state.ts'
import { attachmentKey, chunkKey, isKeyName } from '../state/state-key.ts'
import { readStored } from '../state/stored.ts'
import { malformedArgument, parseArgument, plain } from './argument.ts'
import { belongingOf } from './mark-check.ts'
import { checkReach, mayRead, readableCollection, type ReadableCollection } from './restricted-access.ts'

const members = { owner: plain, digest: plain, enrollmentId: plain, first: plain, count: plain }

const readHeader = readStored(AttachmentHeaderCodec, 'the header of an attachment')

const notThere = (digest: string): BimsError =>
  newError(
    'ledger-not-found',
    `The private collection holds no attachment ${digest} of that submitter, or not all of its chunks.`,
    'Check the digest; perhaps it was purged, or is not there whole yet.'
  )

const checkArgument = (argument: ReadAttachmentArgument): E.Either<BimsError, ReadAttachmentArgument> => {
  if (argument.enrollmentId !== undefined && !isKeyName(argument.enrollmentId))
    return malformedArgument('The submitter that is meant has no usable name.')
  return argument.count <= ledgerLimits.chunksPerTransaction
    ? E.right(argument)
    : malformedArgument(`An answer holds at most ${ledgerLimits.chunksPerTransaction} chunks.`)
}

/** Whose copy is read: the one named, the caller's own, or the first that others submitted. */
const submitterOf = async (
  { caller, collection }: ReadableCollection,
  { digest, enrollmentId }: ReadAttachmentArgument
): Promise<E.Either<BimsError, string>> => {
  if (enrollmentId !== undefined) return E.right(enrollmentId)
  const own = await collection.get(attachmentKey(digest, caller.enrollmentId))()
  if (E.isLeft(own)) return own
  if (own.right !== undefined || !mayRead(caller, 'own-organization')) return E.right(caller.enrollmentId)
  return E.flatMap(({ entries: [first] }: StateRange) => {
    const name = first?.attributes[1]
    return name === undefined ? E.left(notThere(digest)) : E.right(name)
  })(await collection.range(attachmentKey(digest), 1)())
}

const readChunks = async (
  { collection }: ReadableCollection,
  { count, digest, first }: ReadAttachmentArgument,
  enrollmentId: string,
  chunks: number
): Promise<E.Either<BimsError, readonly string[]>> => {
  const read: string[] = []
  for (let n = first; n < Math.min(first + count, chunks); n++) {
    const chunk = await collection.get(chunkKey(digest, enrollmentId, n))()
    if (E.isLeft(chunk)) return chunk
    if (chunk.right === undefined) return E.left(notThere(digest))
    read.push(toBase64(chunk.right))
  }
  return E.right(read)
}

const readFrom = async (
  readable: ReadableCollection,
  argument: ReadAttachmentArgument
): Promise<E.Either<BimsError, string>> => {
  const { digest } = argument
  const submitter = await submitterOf(readable, argument)
  if (E.isLeft(submitter)) return submitter
  const enrollmentId = submitter.right
  const belonging = belongingOf(readable.caller, { mspId: readable.caller.mspId, enrollmentId })
  const reached = checkReach(readable.caller, belonging, `attachments that ${enrollmentId} submitted`)
  if (E.isLeft(reached)) return reached
  const value = await readable.collection.get(attachmentKey(digest, enrollmentId))()
  if (E.isLeft(value)) return value
  const header = value.right === undefined ? E.left(notThere(digest)) : readHeader(value.right)
  if (E.isLeft(header)) return header
  const found: AttachmentHeader = header.right
  const chunks = await readChunks(readable, argument, enrollmentId, found.chunks)
  if (E.isLeft(chunks)) return chunks
  const answer: ReadAttachmentAnswer = { digest, enrollmentId, header: found, chunks: chunks.right }
  return E.right(canonicalText(toJson(answer)))
}

/**
 * The query `ReadAttachment`: chunks of an attachment in the private collection of the caller's organisation.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found`.
 */
export const readAttachment =
  (state: LedgerState, callerOf: () => E.Either<BimsError, Caller>, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkArgument)(parseArgument(ReadAttachmentArgumentCodec, members, argument))
    if (E.isLeft(parsed)) return parsed
    const readable = readableCollection(state, callerOf, parsed.right)
    return E.isLeft(readable) ? readable : readFrom(readable.right, parsed.right)
  }
