import {
  canonicalText,
  newError,
  RecordAnswerCodec,
  type BimsError,
  type LedgerRecord,
  type RecordAnswer
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Connection } from '../gateway/connection.ts'
import type { ProfilePeer } from '../profile/profile.ts'
import { decodeAnswer } from './answer.ts'
import type { Patience } from './patience.ts'
import { backoff, pause } from './pause.ts'
import { checkedRecord } from './read.ts'

/** How many peers of the owner gave a record back, by its id. */
export type Copies = ReadonlyMap<string, number>

/** Who reads back. */
export interface Reader {
  readonly connection: Pick<Connection, 'evaluateAt' | 'peers'>
  readonly patience: Pick<Patience, 'readBacks'>
  readonly signal?: AbortSignal
}

/** Questions at a peer at the same time. */
const lanes = 8

const decode = decodeAnswer(RecordAnswerCodec)

const holds = async (
  { connection }: Reader,
  peer: ProfilePeer,
  owner: string,
  id: string
): Promise<E.Either<BimsError, unknown>> => {
  const argument = canonicalText({ id, restricted: { owner } })
  return E.flatMap((answer: RecordAnswer) => checkedRecord({ ...answer, id }))(
    E.flatMap(decode)(await connection.evaluateAt(peer, 'Read', argument)())
  )
}

/** The ids that a peer holds, of those that are asked for, and the first reason why not all. */
const heldBy = async (
  reader: Reader,
  peer: ProfilePeer,
  owner: string,
  ids: readonly string[]
): Promise<{ readonly held: readonly string[]; readonly why: BimsError | undefined }> => {
  const held: string[] = []
  let why: BimsError | undefined
  const queue = ids.values()
  const lane = async (): Promise<void> => {
    for (const id of queue) {
      const answer = await holds(reader, peer, owner, id)
      if (E.isRight(answer)) held.push(id)
      else why ??= answer.left
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { held, why }
}

const missing = (count: number, why: BimsError | undefined): BimsError =>
  newError(
    'ledger-timeout',
    `${count} restricted records were committed, but no peer gives them back yet${why === undefined ? '' : `: ${why.what}`}`,
    'Try again; to submit them again is safe.',
    { cause: why }
  )

/**
 * Asks each of the owner's peers, at its own endpoint, for records that were submitted restricted: a block holds only their hashes, and
 * says nothing of whether anybody kept them. Fails with `ledger-timeout` while some are with no peer at all.
 */
export const readBack =
  (reader: Reader, owner: string, records: readonly Pick<LedgerRecord, 'id'>[]): TaskEither<BimsError, Copies> =>
  async () => {
    const ids = [...new Set(records.map(({ id }) => id))]
    const { peers } = reader.connection
    for (let attempt = 0; ; attempt++) {
      const copies = new Map<string, number>(ids.map(id => [id, 0]))
      const answers = await Promise.all(peers.map(peer => heldBy(reader, peer, owner, ids)))
      for (const id of answers.flatMap(({ held }) => held)) copies.set(id, (copies.get(id) ?? 0) + 1)
      const counts = [...copies.values()]
      const isLast = attempt + 1 >= reader.patience.readBacks || reader.signal?.aborted === true
      if (counts.every(count => count === peers.length)) return E.right(copies)
      if (isLast)
        return counts.every(count => count > 0)
          ? E.right(copies)
          : E.left(missing(counts.filter(count => count === 0).length, answers.find(({ why }) => why)?.why))
      await pause(backoff(attempt, 50, 500), reader.signal)
    }
  }
