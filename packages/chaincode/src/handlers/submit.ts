import {
  canonicalBytes,
  canonicalText,
  ledgerLimits,
  newError,
  pageEntry,
  pageKey,
  SubmitArgumentCodec,
  type BimsError,
  type RecordRef,
  type StoredSubmission
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { openPage } from '../state/page.ts'
import { submissionKey } from '../state/state-key.ts'
import { parseArgument } from './argument.ts'
import { planMarks, type PlannedWrite } from './mark-check.ts'
import { checkRecords, type CheckedRecord } from './record-check.ts'

const advice = 'Batch with the client of BIMS, or as docs/spec/ledger.md says.'

const checkCount = (refs: readonly RecordRef[]): E.Either<BimsError, readonly RecordRef[]> =>
  refs.length > 0 && refs.length <= ledgerLimits.recordsPerTransaction
    ? E.right(refs)
    : E.left(
        newError(
          'transaction-malformed',
          `A transaction takes 1 to ${ledgerLimits.recordsPerTransaction} records, not ${refs.length}.`,
          advice
        )
      )

const pageOf = (state: LedgerState): E.Either<BimsError, Uint8Array> => {
  const other = [...state.transient.keys()].sort().find(name => name !== pageEntry)
  if (other !== undefined) {
    return E.left(
      newError(
        'ledger-unsupported',
        `The transient map has an entry "${other.slice(0, 60)}": attachments are not kept by this version of the chaincode.`,
        'Ask the operators of the channel to upgrade the chaincode.'
      )
    )
  }
  const page = state.transient.get(pageEntry)
  return page === undefined
    ? E.left(newError('transaction-malformed', 'The transient map holds no page.', advice))
    : E.right(page)
}

const openedPage = (page: Uint8Array, refs: readonly RecordRef[]): E.Either<BimsError, readonly Uint8Array[]> =>
  E.flatMap((contents: readonly Uint8Array[]) =>
    contents.length === refs.length
      ? E.right(contents)
      : E.left(
          newError(
            'transaction-malformed',
            `The argument names ${refs.length} records, the page holds ${contents.length}.`,
            advice
          )
        )
  )(openPage(page))

const submissionWrites = (
  caller: Caller,
  transaction: string,
  records: readonly CheckedRecord[]
): readonly PlannedWrite[] => {
  // Inside a transaction nothing that it wrote can be read: a record that is named twice is found here.
  const byId = new Map<string, PlannedWrite>()
  for (const [at, { ref }] of records.entries()) {
    const stored: StoredSubmission = { kind: ref.kind, schema: ref.schema, page: transaction, at }
    if (!byId.has(ref.id))
      byId.set(ref.id, {
        key: submissionKey(ref.id, caller.mspId, caller.enrollmentId),
        value: canonicalBytes({ ...stored })
      })
  }
  return [...byId.values()]
}

const writeAll = async (
  state: LedgerState,
  writes: readonly PlannedWrite[]
): Promise<E.Either<BimsError, undefined>> => {
  const results = await Promise.all(writes.map(({ key, value }) => state.put(key, value)()))
  return results.find(E.isLeft) ?? E.right(undefined)
}

/**
 * The transaction `Submit`: takes records, all or none. Blind writes: one page with the contents as they came, and for each
 * record a small key by which it is found. Only supersede and withdraw read, their target.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found` and the codes of malformed records.
 */
export const submit =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = parseArgument(SubmitArgumentCodec, ['records'], argument)
    const refs = E.flatMap(({ records }: { readonly records: readonly RecordRef[] }) => checkCount(records))(parsed)
    if (E.isLeft(refs)) return refs
    const page = pageOf(state)
    if (E.isLeft(page)) return page
    const checked = E.flatMap((contents: readonly Uint8Array[]) => checkRecords(caller, refs.right, contents))(
      openedPage(page.right, refs.right)
    )
    if (E.isLeft(checked)) return checked
    const marks = await planMarks(state, caller, checked.right)()
    if (E.isLeft(marks)) return marks
    const writes = [
      { key: pageKey(state.transaction), value: page.right },
      ...submissionWrites(caller, state.transaction, checked.right),
      ...marks.right
    ]
    const written = await writeAll(state, writes)
    return E.map(() => canonicalText({ records: refs.right.length, transaction: state.transaction }))(written)
  }
