import {
  canonicalText,
  decodeWith,
  idOf,
  newError,
  newLedgerRecord,
  parseJson,
  RecordAnswerCodec,
  utf8,
  type BimsError,
  type LedgerKind,
  type LedgerRecord,
  type Mark,
  type Receipt,
  type RecordAnswer,
  type Signer,
  type Submission,
  type Submitter
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { openConnection, type Connection, type Deadlines } from '../gateway/connection.ts'
import { receiptOf } from '../gateway/endorsements.ts'
import type { EventOptions, DeliveredBlock, LedgerEvent } from '../events/events.ts'
import { blocksOf, eventsOf } from '../events/events.ts'
import type { StreamOptions } from '../events/stream.ts'
import type { ChainSource } from '../audit/source.ts'
import { chainAtPeer, type PeerChainOptions } from '../audit/sources/peer.ts'
import { enrollmentIdOf } from '../identity/enrollment.ts'
import { organizationOf } from '../identity/organization.ts'
import type { Profile, ProfileOrganization, ProfilePeer } from '../profile/profile.ts'
import { defaultBatchLimits, type BatchLimits, type Parcel } from './batch.ts'
import { defaultPatience, type Patience, type Sender } from './commit.ts'
import { dispatch, type DispatchHooks, type ParcelOutcome } from './dispatch.ts'

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

/** What became of one record. */
export interface RecordOutcome {
  readonly id: string
  readonly kind: LedgerKind
  /** `unsettled`: not known to stand on the ledger; to submit it again is safe. */
  readonly status: 'committed' | 'refused' | 'unsettled'
  readonly block?: number
  readonly transaction?: string
  readonly error?: BimsError
}

/** A record as the ledger holds it. */
export interface StandingRecord extends LedgerRecord {
  /** Everyone who submitted it, in the order of mspId and enrolment id. */
  readonly submissions: readonly Submission[]
  /** What was said of it since; at most the first hundred. */
  readonly marks: readonly Mark[]
}

/** What may accompany a submission. */
export interface SubmitOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** A client of the ledger, as one identity. */
export interface Ledger {
  readonly mspId: string
  readonly channel: string
  /**
   * Submits records (canonical bytes) now, in as few transactions as they fit, without an outbox. One outcome a record, in order.
   * Fails only where a record cannot be read (`record-schema`, `json-not-canonical`, …): then nothing is sent.
   */
  readonly submit: (
    records: readonly Pick<LedgerRecord, 'bytes'>[],
    options?: SubmitOptions
  ) => TE.TaskEither<BimsError, readonly RecordOutcome[]>
  /** Reads a record by id. Fails with `ledger-not-found`, `ledger-unreachable`, `ledger-timeout`; `record-id` where a peer answers other content. */
  readonly read: (id: string) => TE.TaskEither<BimsError, StandingRecord>
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

interface RecordParcel extends Parcel {
  readonly at: number
  readonly record: LedgerRecord
}

const outcomeOf = ({ parcel: { record }, ...rest }: ParcelOutcome<RecordParcel>): RecordOutcome => {
  const { id, kind } = record
  return rest.status === 'committed'
    ? { id, kind, status: rest.status, ...rest.committed }
    : { id, kind, status: rest.status, error: rest.error }
}

const submitNow =
  (
    ledger: Pick<Ledger, 'sender' | 'limits'>,
    given: readonly Pick<LedgerRecord, 'bytes'>[],
    options: SubmitOptions
  ): TE.TaskEither<BimsError, readonly RecordOutcome[]> =>
  async () => {
    const parcels: RecordParcel[] = []
    for (const [at, { bytes }] of given.entries()) {
      const record = newLedgerRecord(bytes)
      if (E.isLeft(record)) return record
      parcels.push({ at, record: record.right, records: [record.right] })
    }
    const outcomes = new Map<number, RecordOutcome>()
    const hooks: DispatchHooks<RecordParcel> = {
      keep: () => TE.right(undefined),
      drop: () => TE.right(undefined),
      committed: () => TE.right(undefined),
      split: parcel => TE.right([parcel]),
      onOutcome: outcome => {
        outcomes.set(outcome.parcel.at, outcomeOf(outcome))
        options.onProgress?.(outcomes.size, parcels.length)
      }
    }
    await dispatch(
      { ...ledger.sender, ...(options.signal !== undefined && { signal: options.signal }) },
      hooks,
      parcels,
      ledger.limits
    )
    return E.right(parcels.flatMap(({ at }) => outcomes.get(at) ?? []))
  }

const decodeAnswer = (bytes: Uint8Array): E.Either<BimsError, RecordAnswer> =>
  E.mapLeft((error: BimsError) =>
    newError(
      'ledger-refused',
      `The chaincode answered something else: ${error.what}`,
      'Use the version of BIMS that the channel runs.',
      { cause: error }
    )
  )(
    E.flatMap(decodeWith(RecordAnswerCodec, 'an answer of the chaincode'))(
      parseJson(bytes, { bytes: 128 * 1024 * 1024, depth: 8 })
    )
  )

const recordOf = (
  id: string,
  answer: RecordAnswer,
  submissions: readonly Submission[]
): E.Either<BimsError, StandingRecord> => {
  const bytes = utf8(answer.content)
  if (idOf(bytes) !== id)
    return E.left(
      newError(
        'record-id',
        `The peer answered content with another id than ${id}.`,
        'Do not trust this peer; ask another.'
      )
    )
  const { kind, schema, marks } = answer
  return E.right({ kind, id, schema, bytes, submissions, marks })
}

const readFrom =
  (connection: Connection, id: string): TE.TaskEither<BimsError, StandingRecord> =>
  async () => {
    const submissions: Submission[] = []
    for (let bookmark = ''; ;) {
      const answer = E.flatMap(decodeAnswer)(
        await connection.evaluate('Read', canonicalText({ id, ...(bookmark !== '' && { bookmark }) }))()
      )
      // A last part may be empty: the one before was then full.
      if (E.isLeft(answer)) return answer
      submissions.push(...answer.right.submissions)
      if (answer.right.bookmark === '' || answer.right.bookmark === bookmark)
        return recordOf(id, answer.right, submissions)
      bookmark = answer.right.bookmark
    }
  }

const attestFrom =
  (connection: Connection, id: string, named?: Submitter): TE.TaskEither<BimsError, Receipt> =>
  async () => {
    const standing = E.map(({ submissions }: StandingRecord) =>
      named === undefined
        ? submissions[0]
        : submissions.find(({ mspId, enrollmentId }) => mspId === named.mspId && enrollmentId === named.enrollmentId)
    )(await readFrom(connection, id)())
    if (E.isLeft(standing)) return standing
    if (standing.right === undefined)
      return E.left(
        newError(
          'ledger-not-found',
          `That submission of ${id} does not stand on the ledger.`,
          'Read the record to see which do.'
        )
      )
    const { transaction } = standing.right
    const endorsed = await connection.endorse('Attest', canonicalText({ id, transaction }))()
    return E.flatMap(({ bytes }: { readonly bytes: Uint8Array }) => receiptOf(id, bytes))(endorsed)
  }

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
  const sender: Sender = {
    connection,
    patience: { ...defaultPatience, ...options.patience },
    ...(enrollmentId !== undefined && { submitter: { mspId: organization.mspId, enrollmentId } })
  }
  const limits = { batch: { ...defaultBatchLimits, ...options.batch }, inFlight: options.inFlight ?? 4 }
  return {
    mspId: organization.mspId,
    channel: profile.channel,
    sender,
    limits,
    submit: (records, more = {}) => submitNow({ sender, limits }, records, more),
    read: id => readFrom(connection, id),
    attest: (id, submission) => attestFrom(connection, id, submission),
    chain: more =>
      chainAtPeer(connection, { channel: profile.channel, mspId: organization.mspId, signer: identity }, more),
    blocks: more => blocksOf(connection, more),
    events: more => eventsOf(connection, profile.chaincode, more),
    close: connection.close
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
