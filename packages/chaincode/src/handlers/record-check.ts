import {
  mayAct,
  namesOf,
  newError,
  readLedgerRecord,
  type BimsError,
  type LedgerAction,
  type LedgerKind,
  type Name,
  type ReadLedgerRecord,
  type RecordRef
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'

const actions: Readonly<Record<LedgerKind, LedgerAction>> = {
  instrument: 'submit-instrument',
  acquisition: 'submit-acquisition',
  macro: 'submit-macro',
  image: 'submit-image',
  share: 'share',
  supersede: 'supersede',
  withdraw: 'withdraw'
}

/** The kinds with content of their own; the others say something of these. */
export const contentKinds: readonly LedgerKind[] = ['instrument', 'acquisition', 'macro', 'image']

/** Tells whether a kind has content of its own. */
export const isContentKind = (kind: LedgerKind): boolean => contentKinds.includes(kind)

/** Checks a record beyond its form. */
export type RecordCheck = (record: ReadLedgerRecord) => E.Either<BimsError, unknown>

/** Checks that the caller's role may submit records of a kind. Fails with `role-refused`. */
export const mayBeSubmittedBy =
  (caller: Caller): RecordCheck =>
  ({ ref: { kind } }) =>
    mayAct(caller.role, actions[kind], 'own-submission')
      ? E.right(undefined)
      : E.left(
          newError(
            'role-refused',
            `${caller.enrollmentId} of ${caller.mspId} has the role ${caller.role}, which may not submit records of kind ${kind}.`,
            'Use an identity whose certificate holds a bims.role that may.'
          )
        )

/** Checks that a record is of one of these kinds. Fails with `transaction-malformed`. */
export const isOfKind =
  (kinds: readonly LedgerKind[], advice: string): RecordCheck =>
  ({ ref: { kind } }) =>
    kinds.includes(kind)
      ? E.right(undefined)
      : E.left(newError('transaction-malformed', `Records of kind ${kind} are not taken by this transaction.`, advice))

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
  readonly bytes: Uint8Array
  /** What it names by ids, content keys and digests. */
  readonly names: readonly Name[]
  /** Its first place in the page. */
  readonly at: number
}

const checkRecord = (
  claimed: RecordRef,
  bytes: Uint8Array,
  at: number,
  checks: readonly RecordCheck[]
): E.Either<BimsError, CheckedRecord> => {
  const record = readLedgerRecord(bytes)
  if (E.isLeft(record)) return record
  const { ref, value } = record.right
  const different = differences(claimed, ref)
  if (E.isLeft(different)) return different
  for (const check of checks) {
    const checked = check(record.right)
    if (E.isLeft(checked)) return checked
  }
  // Its value is let go: those of a thousand records, all kept until the last is checked, cost more than to read a few again.
  return E.map((names: readonly Name[]) => ({ ref, bytes, names, at }))(namesOf(ref.kind, value))
}

/** The error of record `at` as that of the whole transaction. */
export const refusedAt = (at: number, { code, what, advice }: BimsError): BimsError =>
  newError(code, `Record ${at} is refused: ${what}`, advice, {
    issues: [{ at: `records/${at}`, what: `${code}: ${what}` }]
  })

/**
 * Checks contents against what the argument claims of them: SHA-256 = id, canonical form, size, known schema, kind, form
 * of what they name, and `checks`. One error tells of all records that are wrong, each an issue at `records/<place>`; its
 * code is that of the first. A record that is there twice comes back once: inside a transaction nothing that it wrote can be read.
 */
export const checkRecords = (
  refs: readonly RecordRef[],
  contents: readonly Uint8Array[],
  checks: readonly RecordCheck[]
): E.Either<BimsError, readonly CheckedRecord[]> => {
  const checked = new Map<string, CheckedRecord>()
  const problems: { readonly at: number; readonly error: BimsError }[] = []
  for (const [at, ref] of refs.entries()) {
    const result = checkRecord(ref, contents[at] ?? new Uint8Array(), at, checks)
    if (E.isLeft(result)) problems.push({ at, error: result.left })
    else if (!checked.has(result.right.ref.id)) checked.set(result.right.ref.id, result.right)
  }
  const first = problems[0]
  if (first === undefined) return E.right([...checked.values()])
  const issues = problems.map(({ at, error }) => ({ at: `records/${at}`, what: `${error.code}: ${error.what}` }))
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return E.left(
    newError(first.error.code, `Record ${first.at} is refused: ${first.error.what}${more}`, first.error.advice, {
      issues
    })
  )
}
