import {
  canonicalBytes,
  isJsonObject,
  ledgerKinds,
  newError,
  SaltCodec,
  type BimsError,
  type CollectionOwner,
  type StoredRestricted
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection } from '../state/collection.ts'
import type { PlannedWrite } from '../state/index-write.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { logKey, recordKey, submissionKey } from '../state/state-key.ts'
import { findsRestricted, planMarks } from './mark-check.ts'
import type { CheckedRecord, RecordCheck } from './record-check.ts'
import { writeAll } from './write-all.ts'

/** Checks that a record carries salt: its id stands in blocks, and without salt its content could be guessed from it. Fails with `record-schema`. */
export const hasSalt: RecordCheck = ({ value }) =>
  isJsonObject(value) && SaltCodec.is(value['salt'])
    ? E.right(undefined)
    : E.left(
        newError(
          'record-schema',
          'A restricted record has a member salt, 16 random bytes in base64.',
          'Salt the record before it gets its id.',
          { issues: [{ at: '/salt', what: 'expected 16 bytes in base64' }] }
        )
      )

/** Who brought records into a collection, and when. */
export interface Bringing {
  readonly mspId: string
  readonly enrollmentId: string
  readonly transaction: string
  readonly time: string
  readonly shared: boolean
}

/** Records that come into a collection. */
type Brought = readonly Pick<CheckedRecord, 'ref' | 'bytes'>[]

/** The writes that keep records in a collection, each under its id, so that the hash that every peer knows is the id's own. */
export const recordWrites = (
  records: Brought,
  { enrollmentId, mspId, shared, time, transaction }: Bringing
): readonly PlannedWrite[] =>
  records.flatMap(({ bytes, ref }) => {
    const stored: StoredRestricted = {
      kind: ref.kind,
      schema: ref.schema,
      transaction,
      time,
      ...(shared && { shared })
    }
    return [
      { key: recordKey(ref.id), value: bytes },
      { key: submissionKey(ref.id, mspId, enrollmentId), value: canonicalBytes({ ...stored }) }
    ]
  })

/**
 * The writes that list records of a collection by kind and time. Hashes of these keys stand in blocks and can be guessed, so that
 * they may tell no more than the argument of the transaction does.
 */
export const restrictedLog = (
  records: Brought,
  { enrollmentId, mspId, time, transaction }: Bringing
): readonly PlannedWrite[] =>
  ledgerKinds.flatMap(kind => {
    const ids = records.flatMap(({ ref }) => (ref.kind === kind ? [ref.id] : []))
    return ids.length === 0
      ? []
      : [{ key: logKey(kind, mspId, time, transaction), value: canonicalBytes({ enrollmentId, ids }) }]
  })

/**
 * Keeps records in the private collection of the caller's organisation, and nothing in the public state.
 * Fails with `role-refused` for another's collection, and as marks do.
 */
export const keepRestricted = async (
  state: LedgerState,
  caller: Caller,
  owner: CollectionOwner,
  time: string,
  records: readonly CheckedRecord[]
): Promise<E.Either<BimsError, undefined>> => {
  const collection = ownCollection(state, caller, owner)
  if (E.isLeft(collection)) return collection
  const { enrollmentId, mspId } = caller
  const { transaction } = state
  const marks = await planMarks(findsRestricted(collection.right), caller, transaction, records, [])()
  if (E.isLeft(marks)) return marks
  const bringing = { mspId, enrollmentId, transaction, time, shared: false }
  return writeAll(collection.right.put, [
    ...recordWrites(records, bringing),
    ...restrictedLog(records, bringing),
    ...marks.right
  ])
}
