import { newError, type BimsError, type LedgerRecord, type Submitter } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { CommitOutcome, Connection, ProposalOptions, SignedTransaction } from '../gateway/connection.ts'
import { isConflict } from '../gateway/status.ts'
import { untilArrived, type SeenCommits } from './arrival.ts'
import { isMark, submitCall } from './batch.ts'
import type { Patience } from './patience.ts'
import { backoff, pause } from './pause.ts'
import { readBack, type Copies } from './read-back.ts'
import { targetIdsOf, targetsOf } from './target.ts'

/** Where a batch came to stand. */
export interface Committed {
  readonly transaction: string
  readonly block: number
  /** Of restricted records: how many peers of the owner gave each back. */
  readonly copies?: Copies
}

/** What happens around a commit. */
export interface CommitHooks {
  /** Called with the signed transaction before it is submitted: what is kept here can be submitted again. */
  readonly keep: (transaction: SignedTransaction) => TaskEither<BimsError, void>
  /** Called when the transaction came out invalid: its bytes are of no more use. */
  readonly drop: (transaction: SignedTransaction) => TaskEither<BimsError, void>
}

/** What a client works with. */
export interface Sender {
  readonly connection: Pick<Connection, 'evaluate' | 'evaluateAt' | 'endorse' | 'settle' | 'peers'>
  readonly patience: Patience
  /** Whose submissions are meant by marks that name none. */
  readonly submitter?: Submitter
  /** Ids that were committed not long ago. */
  readonly seen?: SeenCommits
  /** Called after each transaction that brought public records. */
  readonly onCommitted?: () => void
  readonly signal?: AbortSignal
}

const isAway = (error: BimsError): boolean => error._tag === 'Unavailable'

/** Whether after this error of `settle` the transaction may still come out valid: only a refusal says that it will not. */
export const isUnknown = (error: BimsError): boolean =>
  error._tag !== 'Refused' && error.code !== 'transaction-too-large'

const interrupted = (): E.Either<BimsError, never> =>
  E.left(newError('interrupted', 'Stopped on request.', 'Nothing that was queued is lost.'))

const repeat = async <A>(
  sender: Sender,
  attempts: number,
  wait: readonly [first: number, most: number],
  once: TaskEither<BimsError, A>
): Promise<E.Either<BimsError, A>> => {
  for (let attempt = 0; ; attempt++) {
    if (sender.signal?.aborted === true) return interrupted()
    const result = await once()
    if (E.isRight(result) || !isAway(result.left) || attempt + 1 >= attempts) return result
    await pause(backoff(attempt, ...wait), sender.signal)
  }
}

/**
 * Submits signed bytes until their outcome is known. While it is not, the very same bytes are submitted again: the ledger counts a
 * transaction once, by its id. Fails with `ledger-timeout` or `ledger-unreachable` where it stays unknown.
 */
export const settle = (sender: Sender, transaction: SignedTransaction): TaskEither<BimsError, CommitOutcome> => {
  const asked = sender.connection.settle(transaction.bytes)
  return () => repeat(sender, sender.patience.submissions, [250, 5_000], asked)
}

const invalid = (transaction: string, code: string): BimsError =>
  newError(
    'ledger-refused',
    `The transaction ${transaction} came out as ${code}.`,
    'Check that enough organisations endorse, and that the identity is valid.'
  )

type Attempt = { readonly committed: Committed } | { readonly conflict: BimsError }

/** One proposal, from the endorsement to its block. A conflict leaves nothing behind, so that another proposal may follow. */
const attempt = async (
  sender: Sender,
  endorse: TaskEither<BimsError, SignedTransaction>,
  hooks: CommitHooks
): Promise<E.Either<BimsError, Attempt>> => {
  const endorsed = await repeat(sender, sender.patience.endorsements, [100, 1_000], endorse)
  if (E.isLeft(endorsed)) return endorsed
  const transaction = endorsed.right
  const kept = await hooks.keep(transaction)()
  if (E.isLeft(kept)) return kept
  const outcome = await settle(sender, transaction)()
  if (E.isRight(outcome) && outcome.right.valid)
    return E.right({ committed: { transaction: transaction.id, block: outcome.right.block } })
  if (E.isLeft(outcome) && isUnknown(outcome.left)) return outcome
  const dropped = await hooks.drop(transaction)()
  if (E.isLeft(dropped)) return dropped
  if (E.isLeft(outcome)) return outcome
  const error = invalid(transaction.id, outcome.right.code)
  return isConflict(outcome.right.code) ? E.right({ conflict: error }) : E.left(error)
}

/** A transaction to be made: its name, argument, and what goes along. */
export interface Call extends ProposalOptions {
  readonly transaction: string
  readonly argument: string
}

/** Nothing is kept of a transaction: for calls that are simply made again where their outcome stayed unknown. */
export const keepNothing: CommitHooks = { keep: () => TE.right(undefined), drop: () => TE.right(undefined) }

/**
 * Makes a transaction: endorse, keep the signed bytes, submit, wait for the block. After a conflict of what was read comes a new
 * proposal; after an error of the chaincode never.
 */
export const commitCall =
  (sender: Sender, { transaction, argument, ...options }: Call, hooks: CommitHooks): TaskEither<BimsError, Committed> =>
  async () => {
    const endorse = sender.connection.endorse(transaction, argument, options)
    for (let proposal = 1; ; proposal++) {
      const result = await attempt(sender, endorse, hooks)
      if (E.isLeft(result)) return result
      if ('committed' in result.right) return E.right(result.right.committed)
      if (proposal >= sender.patience.proposals) return E.left(result.right.conflict)
      await pause(backoff(proposal, 50, 1_000), sender.signal)
    }
  }

/** Whether all targets of marks were seen committed here. */
const areSeen = ({ seen }: Sender, records: readonly LedgerRecord[]): boolean =>
  targetIdsOf(records).every(id => seen?.has(id) === true)

/** Proposes and commits; the targets are looked up anew each time, since a peer that was behind may have known none of them. */
const commitPublic =
  (sender: Sender, records: readonly LedgerRecord[], hooks: CommitHooks): TaskEither<BimsError, Committed> =>
  async () => {
    const targets = await targetsOf(sender.connection, sender.submitter, records)
    if (E.isLeft(targets)) return targets
    return commitCall(sender, { transaction: 'Submit', ...submitCall(records, {}, targets.right) }, hooks)()
  }

const commitRestricted = async (
  sender: Sender,
  records: readonly LedgerRecord[],
  owner: string,
  hooks: CommitHooks
): Promise<E.Either<BimsError, Committed>> => {
  const call = { transaction: 'Submit', ...submitCall(records, { restricted: { owner } }), organizations: [owner] }
  const once = commitCall(sender, call, hooks)
  const committed = await (isMark({ records }) ? untilArrived(sender, areSeen(sender, records), once) : once)()
  if (E.isLeft(committed)) return committed
  sender.seen?.note(records.map(({ id }) => id))
  return E.map((copies: Copies): Committed => ({ ...committed.right, copies }))(
    await readBack(sender, owner, records)()
  )
}

/**
 * Brings records onto the ledger in one transaction; `restricted`: into the private collection of this organisation alone, and read
 * back there. Fails as {@link commitCall}, and with `ledger-timeout` where a restricted record cannot be read back yet.
 */
export const commit =
  (
    sender: Sender,
    records: readonly LedgerRecord[],
    hooks: CommitHooks,
    restricted?: string
  ): TaskEither<BimsError, Committed> =>
  async () => {
    if (restricted !== undefined) return commitRestricted(sender, records, restricted, hooks)
    const once = commitPublic(sender, records, hooks)
    const committed = await (isMark({ records }) ? untilArrived(sender, areSeen(sender, records), once) : once)()
    if (E.isRight(committed)) {
      sender.seen?.note(records.map(({ id }) => id))
      sender.onCommitted?.()
    }
    return committed
  }
