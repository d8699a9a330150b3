import {
  AttachmentHeaderCodec,
  canonicalText,
  ledgerLimits,
  mayAct,
  newError,
  PurgeArgumentCodec,
  toJson,
  type AttachmentHeader,
  type BimsError,
  type PurgeAnswer,
  type PurgeArgument,
  type PurgedAttachment,
  type StateKey
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection } from '../state/collection.ts'
import type { LedgerState, PrivateState } from '../state/ledger-state.ts'
import { attachmentKey, chunkKey, isKeyName, recordKey, submissionKey } from '../state/state-key.ts'
import { readStored } from '../state/stored.ts'
import { malformedArgument, parseArgument, plain, transientEntries } from './argument.ts'

const members = {
  owner: plain,
  records: plain,
  submissions: { id: plain, mspId: plain, enrollmentId: plain },
  attachments: { digest: plain, enrollmentId: plain, chunks: plain }
}

const chunkKeys = ({ chunks, digest, enrollmentId }: PurgedAttachment): readonly StateKey[] =>
  Array.from({ length: chunks }, (_, n) => chunkKey(digest, enrollmentId, n))

interface Purged {
  /** Keys that must hold something: what was misspelt must not count as purged. */
  readonly named: readonly StateKey[]
  readonly attachments: readonly PurgedAttachment[]
}

const keysOf = ({ attachments = [], records = [], submissions = [] }: PurgeArgument): E.Either<BimsError, Purged> => {
  const names = [
    ...submissions.flatMap(({ enrollmentId, mspId }) => [enrollmentId, mspId]),
    ...attachments.map(({ enrollmentId }) => enrollmentId)
  ]
  if (!names.every(name => isKeyName(name))) return malformedArgument('A submitter that is named has no usable names.')
  const chunks = attachments.reduce((sum, attachment) => sum + attachment.chunks, 0)
  const count = records.length + submissions.length + attachments.length + chunks
  if (count === 0 || count > ledgerLimits.purgesPerTransaction)
    return malformedArgument(`A transaction purges 1 to ${ledgerLimits.purgesPerTransaction} keys, not ${count}.`)
  return E.right({
    named: [
      ...records.map(recordKey),
      ...submissions.map(({ enrollmentId, id, mspId }) => submissionKey(id, mspId, enrollmentId))
    ],
    attachments
  })
}

const mayPurge = (caller: Caller): E.Either<BimsError, undefined> =>
  mayAct(caller.role, 'purge', 'own-organization')
    ? E.right(undefined)
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} has the role ${caller.role}, which may not purge.`,
          'Ask a steward of the organisation.'
        )
      )

const absent = ({ attributes, type }: StateKey): E.Either<BimsError, never> =>
  E.left(
    newError(
      'ledger-not-found',
      `The private collection holds no ${type} ${attributes.join(' ')}.`,
      'Name what stands there; perhaps it was purged before.'
    )
  )

const allThere = async (
  collection: PrivateState,
  keys: readonly StateKey[]
): Promise<E.Either<BimsError, undefined>> => {
  for (const key of keys) {
    const hash = await collection.hash(key)()
    if (E.isLeft(hash)) return hash
    if (hash.right === undefined) return absent(key)
  }
  return E.right(undefined)
}

const readHeader = readStored(AttachmentHeaderCodec, 'the header of an attachment')

/** The keys of an attachment: all of those that its header tells, so that no chunk is left behind; of one without header those that the argument tells. */
const attachmentKeys = async (
  collection: PrivateState,
  attachment: PurgedAttachment
): Promise<E.Either<BimsError, readonly StateKey[]>> => {
  const { chunks, digest, enrollmentId } = attachment
  const key = attachmentKey(digest, enrollmentId)
  const value = await collection.get(key)()
  if (E.isLeft(value)) return value
  const keys = chunkKeys(attachment)
  if (value.right === undefined) {
    const some = await someThere(collection, keys)
    return E.flatMap((is: boolean) => (is ? E.right(keys) : absent(key)))(some)
  }
  return E.flatMap((header: AttachmentHeader) =>
    header.chunks === chunks
      ? E.right([key, ...keys])
      : malformedArgument(`The attachment ${digest} has ${header.chunks} chunks, not ${chunks}.`)
  )(readHeader(value.right))
}

const someThere = async (
  collection: PrivateState,
  keys: readonly StateKey[]
): Promise<E.Either<BimsError, boolean>> => {
  for (const key of keys) {
    const hash = await collection.hash(key)()
    if (E.isLeft(hash)) return hash
    if (hash.right !== undefined) return E.right(true)
  }
  return E.right(false)
}

const purgedKeys = async (
  collection: PrivateState,
  { attachments, named }: Purged
): Promise<E.Either<BimsError, readonly StateKey[]>> => {
  const there = await allThere(collection, named)
  if (E.isLeft(there)) return there
  const keys = [...named]
  for (const attachment of attachments) {
    const found = await attachmentKeys(collection, attachment)
    if (E.isLeft(found)) return found
    keys.push(...found.right)
  }
  return E.right(keys)
}

/**
 * The transaction `Purge`, of a steward: contents, submissions and attachments leave the private collection of the caller's
 * organisation; their hashes stay in their blocks only. Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`,
 * `ledger-not-found`.
 */
export const purge =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap((read: PurgeArgument) => E.map(() => read)(transientEntries(state, [])))(
      parseArgument(PurgeArgumentCodec, members, argument)
    )
    if (E.isLeft(parsed)) return parsed
    const allowed = mayPurge(caller)
    if (E.isLeft(allowed)) return allowed
    const collection = ownCollection(state, caller, parsed.right)
    if (E.isLeft(collection)) return collection
    const asked = keysOf(parsed.right)
    if (E.isLeft(asked)) return asked
    const keys = await purgedKeys(collection.right, asked.right)
    if (E.isLeft(keys)) return keys
    const results = await Promise.all(keys.right.map(key => collection.right.purge(key)()))
    const answer: PurgeAnswer = { keys: keys.right.length, transaction: state.transaction }
    return results.find(E.isLeft) ?? E.right(canonicalText(toJson(answer)))
  }
