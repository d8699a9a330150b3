import type { BimsError, LedgerRecord, LineageAnswer, LineageArgument, Receipt, Signer, Submitter } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ChainSource } from '../audit/source.ts'
import { chainAtPeer, type PeerChainOptions } from '../audit/sources/peer.ts'
import { blocksOf, eventsOf, type DeliveredBlock, type EventOptions, type LedgerEvent } from '../events/events.ts'
import type { StreamOptions } from '../events/stream.ts'
import { openConnection, type Deadlines } from '../gateway/connection.ts'
import { enrollmentIdOf } from '../identity/enrollment.ts'
import { organizationOf } from '../identity/organization.ts'
import type { Profile, ProfileOrganization, ProfilePeer } from '../profile/profile.ts'
import { newSeenCommits } from './arrival.ts'
import {
  attachTo,
  readAttachment,
  shareAttachment,
  type KeptAttachment,
  type StandingAttachment
} from './attachments.ts'
import { attestFrom } from './attest.ts'
import { defaultBatchLimits, type BatchLimits } from './batch.ts'
import type { Sender } from './commit.ts'
import { defaultPatience, type Patience } from './patience.ts'
import { findFrom, lineageFrom, type Finding, type FindQuery } from './find.ts'
import { mergeIndexOf, newMerger, type Merged } from './merge-index.ts'
import { readFrom, type StandingRecord } from './read.ts'
import {
  purgeAll,
  releaseAll,
  shareWith,
  type PurgeOptions,
  type RestrictedOutcome,
  type SubmissionsOf
} from './restricted.ts'
import { submitNow, type RecordOutcome, type SubmitOptions } from './submit-now.ts'
import { submitStream, type SubmitStreamOptions } from './submit-stream.ts'

export type { StandingRecord } from './read.ts'
export type { RecordOutcome, SubmitOptions } from './submit-now.ts'
export type { SubmitStreamOptions } from './submit-stream.ts'

/** How a client is opened. */
export interface LedgerOptions {
  readonly profile: Profile
  /** Who signs, for instance from `readIdentity`. */
  readonly identity: Signer
  /** Short name or mspId of the identity's organisation; found by its certificates where it is not given. */
  readonly organization?: string
  /** `host:port` of the one peer to ask; the peers of the organisation where it is not given. */
  readonly endpoint?: string
  readonly deadlines?: Partial<Deadlines>
  readonly patience?: Partial<Patience>
  readonly batch?: Partial<BatchLimits>
  /** Transactions on their way at the same time; 4 where it is not given. */
  readonly inFlight?: number
}

/** Where a record is looked for. */
export interface RestrictedOption {
  /** In the private collection of the caller's organisation. */
  readonly restricted?: boolean
}

/** A client of the ledger, as one identity. */
export interface Ledger {
  readonly mspId: string
  readonly channel: string
  /**
   * Submits records, as `newLedgerRecord` reads them, now, in as few transactions as they fit, without an outbox. One outcome a
   * record, in order, also where the ledger refuses one (`record-id`, `record-schema`, `role-refused`, …).
   */
  readonly submit: (
    records: readonly LedgerRecord[],
    options?: SubmitOptions
  ) => TE.TaskEither<BimsError, readonly RecordOutcome[]>
  /**
   * Submits records as they come: a transaction goes when it is full, or when its oldest record has waited long enough. Gives an outcome
   * a record as it becomes known, in no certain order; what says something of others is sent after all that came before it. Records are
   * read no faster than they are sent. Throws only what the source throws, after the outcomes of what it gave.
   */
  readonly submitStream: (
    records: AsyncIterable<LedgerRecord>,
    options?: SubmitStreamOptions
  ) => AsyncGenerator<RecordOutcome, void>
  /** Reads a record by id. Fails with `ledger-not-found`, `ledger-unreachable`, `ledger-timeout`; `record-id` where a peer answers other content. */
  readonly read: (id: string, options?: RestrictedOption) => TE.TaskEither<BimsError, StandingRecord>
  /**
   * Finds records, a page after another as they are asked for. The last item is an error where the ledger does not answer; a record
   * that several submitted comes once for each. `restricted` takes kind and owner only.
   */
  readonly find: (query: FindQuery, options?: RestrictedOption) => AsyncGenerator<E.Either<BimsError, Finding>, void>
  /** What an image was made from, or what was made from it. Fails with `transaction-malformed`, `ledger-unreachable`, `ledger-timeout`. */
  readonly lineage: (argument: LineageArgument) => TE.TaskEither<BimsError, LineageAnswer>
  /** Merges the index where it lies in many small runs; large submissions do so by themselves. Fails with `role-refused`, `ledger-unreachable`. */
  readonly mergeIndex: () => TE.TaskEither<BimsError, Merged>
  /** Lets another organisation have restricted records. Fails with `ledger-not-found`, `role-refused`, `ledger-unreachable`. */
  readonly share: (
    ids: readonly string[],
    receiver: string,
    options?: SubmissionsOf
  ) => TE.TaskEither<BimsError, readonly RestrictedOutcome[]>
  /** Makes restricted records public. Fails as `share`. */
  readonly release: (
    ids: readonly string[],
    options?: SubmissionsOf
  ) => TE.TaskEither<BimsError, readonly RestrictedOutcome[]>
  /** Purges restricted records, and attachments, of the caller's organisation; only their hashes stay, in blocks. Fails as `share`. */
  readonly purge: (
    ids: readonly string[],
    options?: PurgeOptions
  ) => TE.TaskEither<BimsError, readonly RestrictedOutcome[]>
  /** Keeps bytes beside records, for the caller's organisation alone, and reads them back. Fails with `role-refused`, `ledger-unreachable`. */
  readonly attach: (attachment: KeptAttachment) => TE.TaskEither<BimsError, StandingAttachment>
  /** Reads an attachment; its digest is checked. Fails with `ledger-not-found`, `attachment-digest`, `role-refused`, `ledger-unreachable`. */
  readonly attachment: (digest: string, options?: SubmissionsOf) => TE.TaskEither<BimsError, StandingAttachment>
  /** Lets another organisation have an attachment, for those who may share. It cannot be taken back. Fails as `attachment`. */
  readonly shareAttachment: (
    digest: string,
    receiver: string,
    options?: SubmissionsOf
  ) => TE.TaskEither<BimsError, StandingAttachment>
  /** A receipt: the peers' signatures that a record stands there, for the submission named or else the first. Fails as `read`. */
  readonly attest: (id: string, submission?: Submitter) => TE.TaskEither<BimsError, Receipt>
  /**
   * The blocks of the channel, behind a checkpoint or from a block on, each once, whatever becomes of the peer meanwhile. The last
   * item is an error where the ledger refuses (`ledger-refused`) or the checkpoint cannot be kept; until the signal there is no end else.
   */
  readonly blocks: (options?: StreamOptions) => AsyncGenerator<E.Either<BimsError, DeliveredBlock>, void>
  /** All blocks that a peer has now, unparsed, for an audit. Rejects with `ledger-refused`, `ledger-unreachable`, `interrupted`. */
  readonly chain: (options?: PeerChainOptions) => ChainSource
  /** The events that a chaincode set in valid transactions; as `blocks`. */
  readonly events: (options?: EventOptions) => AsyncGenerator<E.Either<BimsError, LedgerEvent>, void>
  /** What `deliver` sends with. */
  readonly sender: Sender
  readonly limits: { readonly batch: BatchLimits; readonly inFlight: number }
  readonly close: () => void
}

const defaultDeadlines: Deadlines = { evaluate: 30_000, endorse: 30_000, submit: 15_000, status: 10_000 }

const peersOf = ({ peers }: ProfileOrganization, endpoint: string | undefined): readonly ProfilePeer[] =>
  endpoint === undefined ? peers : [peers.find(peer => peer.endpoint === endpoint) ?? { endpoint }]

const ledgerOf = (options: LedgerOptions, organization: ProfileOrganization): Ledger => {
  const { profile, identity } = options
  const connection = openConnection({
    peers: peersOf(organization, options.endpoint),
    tlsRoot: organization.tlsRoot,
    mspId: organization.mspId,
    signer: identity,
    channel: profile.channel,
    chaincode: profile.chaincode,
    deadlines: { ...defaultDeadlines, ...options.deadlines }
  })
  const enrollmentId = enrollmentIdOf(identity)
  const owner = organization.mspId
  const plain: Sender = {
    connection,
    patience: { ...defaultPatience, ...options.patience },
    seen: newSeenCommits(),
    ...(enrollmentId !== undefined && { submitter: { mspId: owner, enrollmentId } })
  }
  const merger = newMerger(plain)
  const sender: Sender = { ...plain, onCommitted: merger.committed }
  const limits = { batch: { ...defaultBatchLimits, ...options.batch }, inFlight: options.inFlight ?? 4 }
  const access = { sender, owner, batch: limits.batch }
  return {
    mspId: organization.mspId,
    channel: profile.channel,
    sender,
    limits,
    submit: (records, more = {}) => submitNow(sender, limits, owner, records, more),
    submitStream: (records, more = {}) => submitStream(sender, limits, owner, records, more),
    read: (id, more) => readFrom(connection, id, more?.restricted === true ? { owner } : undefined),
    find: (query, more) => findFrom(connection, query, more?.restricted === true ? owner : undefined),
    lineage: argument => lineageFrom(connection, argument),
    mergeIndex: () => mergeIndexOf(sender),
    share: (ids, receiver, more) => shareWith(access, ids, receiver, more),
    release: (ids, more) => releaseAll(access, ids, more),
    purge: (ids, more) => purgeAll(access, ids, more),
    attach: attachment => attachTo(sender, owner, attachment),
    attachment: (digest, more) => readAttachment(sender, owner, digest, more),
    shareAttachment: (digest, receiver, more) => shareAttachment(sender, owner, digest, receiver, more),
    attest: (id, submission) => attestFrom(connection, id, submission),
    chain: more =>
      chainAtPeer(connection, { channel: profile.channel, mspId: organization.mspId, signer: identity }, more),
    blocks: more => blocksOf(connection, more),
    events: more => eventsOf(connection, profile.chaincode, more),
    close: () => {
      merger.stop()
      connection.close()
    }
  }
}

/**
 * Opens a client of the ledger that a profile describes. Nothing is sent yet: a ledger that is away shows at the first question.
 * Fails with `identity-missing` where the identity belongs to none of the organisations.
 */
export const openLedger = (options: LedgerOptions): TE.TaskEither<BimsError, Ledger> =>
  TE.fromEither(
    E.map((organization: ProfileOrganization) => ledgerOf(options, organization))(
      organizationOf(options.profile, options.identity, options.organization)
    )
  )
