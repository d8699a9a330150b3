import {
  canonicalText,
  pageEntry,
  SubmitArgumentCodec,
  toJson,
  type BimsError,
  type LedgerKind,
  type SubmitAnswer,
  type SubmitArgument,
  type SubmittedRef
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { malformedArgument, parseArgument, plain, timeOf, transientEntries } from './argument.ts'
import { findsPublic, planMarks } from './mark-check.ts'
import { publish } from './publish.ts'
import {
  checkRecords,
  contentKinds,
  isOfKind,
  mayBeSubmittedBy,
  type CheckedRecord,
  type RecordCheck
} from './record-check.ts'
import { checkRelease } from './release.ts'
import { hasSalt, keepRestricted } from './restrict.ts'
import { checkCount, openedPage } from './submitted-page.ts'

/** A submission that came whole; nothing of it was compared with the ledger yet. */
export interface ReadSubmission {
  readonly refs: readonly SubmittedRef[]
  /** As it came. */
  readonly page: Uint8Array
  readonly contents: readonly Uint8Array[]
  readonly time: string
}

const members = {
  records: { kind: plain, id: plain, schema: plain, target: plain },
  restricted: { owner: plain },
  release: { owner: plain, enrollmentId: plain }
}

const submittedKinds: readonly LedgerKind[] = [...contentKinds, 'supersede', 'withdraw']

const readSubmission = (state: LedgerState, { records }: SubmitArgument): E.Either<BimsError, ReadSubmission> => {
  const refs = checkCount(records)
  if (E.isLeft(refs)) return refs
  const time = timeOf(state)
  if (E.isLeft(time)) return time
  const entries = transientEntries(state, [pageEntry])
  if (E.isLeft(entries)) return entries
  const [page = new Uint8Array()] = entries.right
  return E.map((contents: readonly Uint8Array[]) => ({ refs: refs.right, page, contents, time: time.right }))(
    openedPage(page, refs.right)
  )
}

const checksOf = (caller: Caller, { release, restricted }: SubmitArgument): readonly RecordCheck[] => {
  if (release !== undefined)
    return [isOfKind(contentKinds, 'What says something of others is not released: submit it about the public record.')]
  const own = [isOfKind(submittedKinds, 'Use the transaction Share.'), mayBeSubmittedBy(caller)]
  return restricted === undefined ? own : [...own, hasSalt]
}

const takePublic = async (
  state: LedgerState,
  caller: Caller,
  { contents, page, refs, time }: ReadSubmission,
  records: readonly CheckedRecord[]
): Promise<E.Either<BimsError, undefined>> => {
  const targets = refs.map(({ target }) => target)
  const marks = await planMarks(findsPublic(state), caller, state.transaction, records, targets)()
  return E.isLeft(marks)
    ? marks
    : publish(state, { caller, time, page, count: contents.length, records, marks: marks.right })
}

const takeReleased = async (
  state: LedgerState,
  caller: Caller,
  submission: ReadSubmission,
  records: readonly CheckedRecord[],
  release: NonNullable<SubmitArgument['release']>
): Promise<E.Either<BimsError, undefined>> => {
  const stands = await checkRelease(state, caller, release, records)
  return E.isLeft(stands) ? stands : takePublic(state, caller, submission, records)
}

const take = (
  state: LedgerState,
  caller: Caller,
  { release, restricted }: SubmitArgument,
  submission: ReadSubmission,
  records: readonly CheckedRecord[]
): Promise<E.Either<BimsError, undefined>> => {
  if (restricted !== undefined) return keepRestricted(state, caller, restricted, submission.time, records)
  return release === undefined
    ? takePublic(state, caller, submission, records)
    : takeReleased(state, caller, submission, records, release)
}

const notBoth = (argument: SubmitArgument): E.Either<BimsError, SubmitArgument> =>
  argument.restricted !== undefined && argument.release !== undefined
    ? malformedArgument('Records are either restricted or released.')
    : E.right(argument)

/**
 * The transaction `Submit`: takes records, all or none: public ones by blind writes, restricted ones into the private
 * collection of the caller's organisation, released ones from there. Only supersede, withdraw and release read, their target.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found` and the codes of malformed records.
 */
export const submit =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(notBoth)(parseArgument(SubmitArgumentCodec, members, argument))
    if (E.isLeft(parsed)) return parsed
    const submission = readSubmission(state, parsed.right)
    if (E.isLeft(submission)) return submission
    const { contents, refs } = submission.right
    const checked = checkRecords(refs, contents, checksOf(caller, parsed.right))
    if (E.isLeft(checked)) return checked
    const taken = await take(state, caller, parsed.right, submission.right, checked.right)
    const answer: SubmitAnswer = { records: refs.length, transaction: state.transaction }
    return E.map(() => canonicalText(toJson(answer)))(taken)
  }
