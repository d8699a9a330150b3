import {
  canonicalText,
  compositeKey,
  fromUtf8,
  ledgerLimits,
  readLedgerRecord,
  Sha256IdCodec,
  toJson,
  type BimsError,
  type CollectionOwner,
  type FindAnswer,
  type FoundRecord,
  type ReadLedgerRecord,
  type StateKey,
  type Submission
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Caller } from '../state/caller.ts'
import type { LedgerState, StateEntry } from '../state/ledger-state.ts'
import { bookmarkOf, comparePositions, parseBookmark, type Position } from '../state/position.ts'
import { recordKey } from '../state/state-key.ts'
import { readStored } from '../state/stored.ts'
import { malformedArgument } from './argument.ts'
import type { FindQuestion, Question } from './find-question.ts'
import { belongingOf } from './mark-check.ts'
import { mayRead, readableCollection, type ReadableCollection } from './restricted-access.ts'

interface Listed {
  readonly enrollmentId: string
  readonly ids: readonly string[]
}

const ListedCodec: t.Type<Listed, unknown, unknown> = t.type({
  enrollmentId: t.string,
  ids: t.readonlyArray(Sha256IdCodec)
})

const readListed = readStored(ListedCodec, 'a list of restricted records')

interface Candidate extends Position {
  readonly id: string
  readonly submission: Submission
}

type ByTime = Extract<Question, { readonly form: 'by-time' }>

/** The restricted records that a key lists, those that the caller may read. */
const listedBy = (caller: Caller, { attributes, value }: StateEntry): E.Either<BimsError, readonly Candidate[]> => {
  const [, mspId = '', time = '', transaction = ''] = attributes
  return E.map(({ enrollmentId, ids }: Listed) => {
    const isShared = mspId !== caller.mspId
    const belonging = isShared ? 'shared' : belongingOf(caller, { mspId, enrollmentId })
    if (!mayRead(caller, belonging)) return []
    const submission = { mspId, enrollmentId, transaction, time, ...(isShared && { shared: true }) }
    return ids.map((id, at) => ({ key: [time, transaction], at, id, submission }))
  })(readListed(value))
}

const startOf = (prefix: StateKey, after: Position | undefined, from: string | undefined): string => {
  const begin = after?.key ?? (from === undefined ? undefined : [from])
  return begin === undefined ? '' : compositeKey({ type: prefix.type, attributes: [...prefix.attributes, ...begin] })
}

const isWithin = ({ key: [time = ''] }: Position, to: string | undefined): boolean => to === undefined || time < to

interface Part {
  readonly candidates: readonly Candidate[]
  readonly more: boolean
  /** The last key that was read, whether the caller may read what it lists or not. */
  readonly last: Position | undefined
}

const candidatesOf = async (
  { caller, collection }: ReadableCollection,
  { from, prefix, to }: ByTime,
  most: number,
  after: Position | undefined
): Promise<E.Either<BimsError, Part>> => {
  const range = await collection.range(prefix, most + 1, startOf(prefix, after, from))()
  if (E.isLeft(range)) return range
  const candidates: Candidate[] = []
  let last: Position | undefined
  for (const entry of range.right.entries) {
    const listed = listedBy(caller, entry)
    if (E.isLeft(listed)) return listed
    const [, , time = '', transaction = ''] = entry.attributes
    last = { key: [time, transaction], at: ledgerLimits.recordsPerTransaction }
    if (!isWithin(last, to)) return E.right({ candidates, more: false, last })
    candidates.push(...listed.right.filter(one => after === undefined || comparePositions(one, after) > 0))
  }
  return E.right({ candidates, more: range.right.bookmark !== '', last })
}

/** Whether an answer of so many records and bytes has room for another. */
const hasRoom = (records: number, most: number, bytes: number, length: number): boolean =>
  records < most && (bytes === 0 || bytes + length <= ledgerLimits.contentPerAnswer)

const answerFrom = async (
  { collection }: ReadableCollection,
  { candidates, last, more }: Part,
  most: number
): Promise<E.Either<BimsError, FindAnswer>> => {
  const records: FoundRecord[] = []
  let [bytes, bookmark] = [0, '']
  for (const { id, submission, ...position } of candidates) {
    const value = await collection.get(recordKey(id))()
    if (E.isLeft(value)) return value
    // What was purged is listed still.
    const content = value.right ?? new Uint8Array()
    if (!hasRoom(records.length, most, bytes, content.length)) return E.right({ records, bookmark })
    bookmark = bookmarkOf(position)
    if (content.length === 0) continue
    bytes += content.length
    const read = foundRecord(content, position.at, submission)
    if (E.isLeft(read)) return read
    records.push(read.right)
  }
  return E.right({ records, bookmark: more && last !== undefined ? bookmarkOf(last) : '' })
}

const foundRecord = (bytes: Uint8Array, at: number, submission: Submission): E.Either<BimsError, FoundRecord> =>
  E.map(({ ref }: ReadLedgerRecord) => ({ ...ref, content: fromUtf8(bytes) ?? '', at, submission }))(
    readLedgerRecord(bytes)
  )

/**
 * `Find` in the private collection of the caller's organisation, by kind and owner: those that the caller may read.
 * Fails with `role-refused`, `transaction-malformed`.
 */
export const findRestricted =
  (
    state: LedgerState,
    callerOf: () => E.Either<BimsError, Caller>,
    { bookmark, most, question }: FindQuestion,
    owner: CollectionOwner
  ): TaskEither<BimsError, string> =>
  async () => {
    if (question.form !== 'by-time') return malformedArgument('Restricted records are found by kind and owner.')
    const readable = readableCollection(state, callerOf, owner)
    if (E.isLeft(readable)) return readable
    const after = parseBookmark(bookmark, 'by-time')
    if (E.isLeft(after)) return after
    const part = await candidatesOf(readable.right, question, most, after.right)
    if (E.isLeft(part)) return part
    const answer = await answerFrom(readable.right, part.right, most)
    return E.map((found: FindAnswer) => canonicalText(toJson(found)))(answer)
  }
