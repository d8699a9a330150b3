import {
  canonicalBytes,
  decodeWith,
  mayAct,
  newError,
  SupersedeCodec,
  WithdrawCodec,
  type Belonging,
  type BimsError,
  type StateKey,
  type Submitter,
  type Supersede,
  type Withdraw
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { isKeyName, markKey, submissionKey } from '../state/state-key.ts'
import type { CheckedRecord } from './record-check.ts'

/** A write to come. */
export interface PlannedWrite {
  readonly key: StateKey
  readonly value: Uint8Array
}

const belongingOf = (caller: Caller, submission: Submitter): Belonging => {
  if (caller.mspId !== submission.mspId) return 'foreign'
  return caller.enrollmentId === submission.enrollmentId ? 'own-submission' : 'own-organization'
}

const isMarkKind = (kind: string): kind is 'supersede' | 'withdraw' => kind === 'supersede' || kind === 'withdraw'

const decodeMark = ({ ref, value }: CheckedRecord): E.Either<BimsError, Supersede | Withdraw> =>
  ref.kind === 'supersede'
    ? decodeWith(SupersedeCodec, 'a record of kind supersede')(value)
    : decodeWith(WithdrawCodec, 'a record of kind withdraw')(value)

const isName = (name: string): boolean => isKeyName(name)

const planMark =
  (
    state: LedgerState,
    caller: Caller,
    record: CheckedRecord,
    kind: 'supersede' | 'withdraw'
  ): TaskEither<BimsError, PlannedWrite> =>
  async () => {
    const decoded = decodeMark(record)
    if (E.isLeft(decoded)) return decoded
    const { target, submission: named, ...rest } = decoded.right
    const submission: Submitter = named ?? { mspId: caller.mspId, enrollmentId: caller.enrollmentId }
    if (!isName(submission.mspId) || !isName(submission.enrollmentId)) {
      return E.left(
        newError(
          'record-schema',
          'The submission that is meant has no usable names.',
          'Name it by mspId and enrolment id.'
        )
      )
    }
    if (!mayAct(caller.role, kind, belongingOf(caller, submission))) {
      return E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} with the role ${caller.role} may not ${kind} the submission of ${submission.enrollmentId} of ${submission.mspId}.`,
          'Ask whoever submitted it, or a steward of that organisation.'
        )
      )
    }
    const found = await state.get(submissionKey(target, submission.mspId, submission.enrollmentId))()
    if (E.isLeft(found)) return found
    if (found.right === undefined) {
      return E.left(
        newError(
          'ledger-not-found',
          `${submission.enrollmentId} of ${submission.mspId} did not submit ${target}.`,
          'Submit the target first, in a transaction before.'
        )
      )
    }
    const by = { mspId: caller.mspId, enrollmentId: caller.enrollmentId, transaction: state.transaction }
    const replacement = 'replacement' in rest ? { replacement: rest.replacement } : {}
    return E.right({
      key: markKey(target, submission.mspId, submission.enrollmentId, kind, record.ref.id),
      value: canonicalBytes({ by, ...replacement })
    })
  }

/**
 * The marks that the records of kind supersede and withdraw leave, after reading their targets: nothing else in a
 * submission reads. Fails with `record-schema`, `role-refused`, `ledger-not-found`.
 */
export const planMarks =
  (
    state: LedgerState,
    caller: Caller,
    records: readonly CheckedRecord[]
  ): TaskEither<BimsError, readonly PlannedWrite[]> =>
  async () => {
    const writes: PlannedWrite[] = []
    for (const [i, record] of records.entries()) {
      const { kind } = record.ref
      if (!isMarkKind(kind)) continue
      const planned = await planMark(state, caller, record, kind)()
      if (E.isLeft(planned)) {
        const { code, what, advice } = planned.left
        return E.left(
          newError(code, `Record ${i} is refused: ${what}`, advice, {
            issues: [{ at: `records/${i}`, what: `${code}: ${what}` }]
          })
        )
      }
      writes.push(planned.right)
    }
    return E.right(writes)
  }
