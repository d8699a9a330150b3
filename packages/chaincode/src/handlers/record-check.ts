import {
  mayAct,
  newError,
  readLedgerRecord,
  referencesOf,
  type BimsError,
  type JsonValue,
  type LedgerAction,
  type LedgerKind,
  type ReadLedgerRecord,
  type RecordRef
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'

const actions: Readonly<Partial<Record<LedgerKind, LedgerAction>>> = {
  instrument: 'submit-instrument',
  acquisition: 'submit-acquisition',
  macro: 'submit-macro',
  image: 'submit-image',
  supersede: 'supersede',
  withdraw: 'withdraw'
}

const checkRole = (caller: Caller, kind: LedgerKind): E.Either<BimsError, undefined> => {
  const action = actions[kind]
  if (action === undefined) {
    return E.left(
      newError(
        'ledger-unsupported',
        `Records of kind ${kind} are not taken by this version of the chaincode.`,
        'Ask the operators of the channel to upgrade the chaincode.'
      )
    )
  }
  return mayAct(caller.role, action, 'own-submission')
    ? E.right(undefined)
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} has the role ${caller.role}, which may not submit records of kind ${kind}.`,
          'Use an identity whose certificate holds a bims.role that may.'
        )
      )
}

const differences = (claimed: RecordRef, found: RecordRef): E.Either<BimsError, undefined> => {
  if (claimed.id !== found.id) {
    return E.left(
      newError(
        'record-id',
        `The content has the id ${found.id}, not ${claimed.id}.`,
        'Send the very bytes that the id was made from.'
      )
    )
  }
  return claimed.kind === found.kind && claimed.schema === found.schema
    ? E.right(undefined)
    : E.left(
        newError(
          'record-schema',
          `The record says ${found.schema}, which is of kind ${found.kind}; claimed were ${claimed.schema.slice(0, 80)} and ${claimed.kind}.`,
          'Claim what the record says.'
        )
      )
}

/** A record whose form was checked. */
export interface CheckedRecord {
  readonly ref: RecordRef
  readonly value: JsonValue
}

const checkRecord = (caller: Caller, claimed: RecordRef, content: Uint8Array): E.Either<BimsError, CheckedRecord> =>
  E.flatMap(({ ref, value }: ReadLedgerRecord) => {
    const problems = [differences(claimed, ref), checkRole(caller, ref.kind), referencesOf(ref.kind, value)]
    const problem = problems.find(E.isLeft)
    return problem ?? E.right({ ref, value })
  })(readLedgerRecord(content))

/**
 * Checks contents against what the argument claims of them: SHA-256 = id, canonical form, size, known schema, kind, form
 * of references, and that the caller's role may submit them. One error tells of all records that are wrong, each an issue
 * at `records/<place>`; its code is that of the first.
 */
export const checkRecords = (
  caller: Caller,
  refs: readonly RecordRef[],
  contents: readonly Uint8Array[]
): E.Either<BimsError, readonly CheckedRecord[]> => {
  const checked: CheckedRecord[] = []
  const problems: { readonly at: number; readonly error: BimsError }[] = []
  for (const [at, ref] of refs.entries()) {
    const result = checkRecord(caller, ref, contents[at] ?? new Uint8Array())
    if (E.isRight(result)) checked.push(result.right)
    else problems.push({ at, error: result.left })
  }
  const first = problems[0]
  if (first === undefined) return E.right(checked)
  const issues = problems.map(({ at, error }) => ({ at: `records/${at}`, what: `${error.code}: ${error.what}` }))
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return E.left(
    newError(first.error.code, `Record ${first.at} is refused: ${first.error.what}${more}`, first.error.advice, {
      issues
    })
  )
}
