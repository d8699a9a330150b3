import {
  canonicalText,
  decodeWith,
  pageEntry,
  ShareArgumentCodec,
  ShareRecordCodec,
  targetsEntry,
  toJson,
  newError,
  readLedgerRecord,
  type BimsError,
  type ReadLedgerRecord,
  type ShareArgument,
  type ShareRecord,
  type SubmitAnswer
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { receiverCollection } from '../state/collection.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { parseArgument, plain, timeOf, transientEntries } from './argument.ts'
import { checkRecords, isContentKind, isOfKind, refusedAt, type CheckedRecord } from './record-check.ts'
import { ownSubmissions, standsRestricted, type OwnSubmissions } from './release.ts'
import { recordWrites, restrictedLog } from './restrict.ts'
import { checkCount, openedPage } from './submitted-page.ts'
import { writeAll } from './write-all.ts'

const members = {
  owner: plain,
  receiver: plain,
  enrollmentId: plain,
  records: { kind: plain, id: plain, schema: plain }
}

/** A share record and the record that it is about. */
interface Shared {
  readonly share: CheckedRecord
  readonly target: Pick<CheckedRecord, 'ref' | 'bytes'>
}

const mismatch = (what: string): E.Either<BimsError, never> =>
  E.left(
    newError('record-schema', what, 'A share names owner and receiver as the argument does, and its target by id.')
  )

const checkShare = (
  { owner, receiver }: ShareArgument,
  share: CheckedRecord,
  bytes: Uint8Array
): E.Either<BimsError, Shared> => {
  const decoded = E.flatMap(({ value }: ReadLedgerRecord) =>
    decodeWith(ShareRecordCodec, 'a record of kind share')(value)
  )(readLedgerRecord(share.bytes))
  if (E.isLeft(decoded)) return decoded
  const said: ShareRecord = decoded.right
  if (said.owner !== owner || said.receiver !== receiver)
    return mismatch('The share says another owner or receiver than the argument.')
  return E.flatMap(({ ref }: ReadLedgerRecord): E.Either<BimsError, Shared> => {
    if (ref.id !== said.target) return mismatch(`The target that came with the share is ${ref.id}.`)
    return isContentKind(ref.kind)
      ? E.right({ share, target: { ref, bytes } })
      : mismatch('What says something of others is not shared.')
  })(readLedgerRecord(bytes))
}

interface SharedPages {
  readonly contents: readonly Uint8Array[]
  readonly targets: readonly Uint8Array[]
}

const readPages = (state: LedgerState, { records }: ShareArgument): E.Either<BimsError, SharedPages> => {
  const entries = E.flatMap(() => transientEntries(state, [pageEntry, targetsEntry]))(checkCount(records))
  if (E.isLeft(entries)) return entries
  const [page = new Uint8Array(), targets = new Uint8Array()] = entries.right
  const contents = openedPage(page, records)
  if (E.isLeft(contents)) return contents
  return E.map((opened: readonly Uint8Array[]) => ({ contents: contents.right, targets: opened }))(
    openedPage(targets, records)
  )
}

const readShares = (state: LedgerState, argument: ShareArgument): E.Either<BimsError, readonly Shared[]> => {
  const pages = readPages(state, argument)
  if (E.isLeft(pages)) return pages
  const { contents, targets } = pages.right
  const checked = checkRecords(argument.records, contents, [isOfKind(['share'], 'Use the transaction Submit.')])
  if (E.isLeft(checked)) return checked
  const shares: Shared[] = []
  for (const record of checked.right) {
    const shared = checkShare(argument, record, targets[record.at] ?? new Uint8Array())
    if (E.isLeft(shared)) return E.left(refusedAt(record.at, shared.left))
    shares.push(shared.right)
  }
  return E.right(shares)
}

const allStand = async (
  own: OwnSubmissions,
  mspId: string,
  shares: readonly Shared[]
): Promise<E.Either<BimsError, undefined>> => {
  for (const { share, target } of shares) {
    const stands = await standsRestricted(own, mspId, target.ref)
    if (E.isLeft(stands)) return E.left(refusedAt(share.at, stands.left))
  }
  return E.right(undefined)
}

const writeShares = async (
  state: LedgerState,
  caller: Caller,
  { receiver }: ShareArgument,
  own: OwnSubmissions,
  shares: readonly Shared[]
): Promise<E.Either<BimsError, undefined>> => {
  const time = timeOf(state)
  if (E.isLeft(time)) return time
  const collection = receiverCollection(state, caller, receiver)
  if (E.isLeft(collection)) return collection
  const bringing = { mspId: caller.mspId, transaction: state.transaction, time: time.right, shared: true }
  const targets = [...new Map(shares.map(({ target }) => [target.ref.id, target])).values()]
  const records = shares.map(record => record.share)
  const byCaller = { ...bringing, enrollmentId: caller.enrollmentId }
  // The argument names the shares, not what they are about: nothing may tell the kinds of those.
  return writeAll(collection.right.put, [
    ...recordWrites(targets, { ...bringing, enrollmentId: own.enrollmentId }),
    ...recordWrites(records, byCaller),
    ...restrictedLog(records, byCaller)
  ])
}

/**
 * The transaction `Share`, endorsed by a peer of the receiver: brings restricted records of the caller's organisation into the
 * receiver's collection, after the hashes of the owner's collection agreed. It is the only one that writes into another's.
 * Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found` and the codes of malformed records.
 */
export const share =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = parseArgument(ShareArgumentCodec, members, argument)
    if (E.isLeft(parsed)) return parsed
    const own = ownSubmissions(state, caller, parsed.right, 'share')
    if (E.isLeft(own)) return own
    const shares = readShares(state, parsed.right)
    if (E.isLeft(shares)) return shares
    const stand = await allStand(own.right, caller.mspId, shares.right)
    if (E.isLeft(stand)) return stand
    const written = await writeShares(state, caller, parsed.right, own.right, shares.right)
    const answer: SubmitAnswer = { records: parsed.right.records.length, transaction: state.transaction }
    return E.map(() => canonicalText(toJson(answer)))(written)
  }
