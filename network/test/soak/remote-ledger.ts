/* eslint-disable @typescript-eslint/require-await -- it answers at once */
import { createHash, randomUUID } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { idOf, newError, splitPage, type BimsError } from '@bims/core'
import type { CommitOutcome, DeliveryRequest, Sender } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'

/** Transactions on a ledger: id → ids of the records, in order; of an attachment its digest, then its header and bytes in base64. */
export type Committed = Map<string, readonly string[]>

const away = (): E.Either<BimsError, never> => E.left(newError('ledger-timeout', 'The answer was lost.', 'Ask again.'))

type Transient = Readonly<Record<string, Uint8Array>>

const toBase64 = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('base64')

/** What a transaction holds. Attachments are of one chunk here. */
const idsOf = (transaction: string, argument: string, transient: Transient): readonly string[] => {
  if (transaction !== 'Attach') return (splitPage(inflateSync(transient['page'] ?? new Uint8Array())) ?? []).map(idOf)
  const { digest } = JSON.parse(argument) as { digest: string }
  return [digest, `${toBase64(transient['header'])}.${toBase64(transient['chunk/0'])}`]
}

/** The answer of `ReadAttachment`. */
const readAttachment = (committed: Committed, argument: string): E.Either<BimsError, Uint8Array> => {
  const { digest } = JSON.parse(argument) as { digest: string }
  const found = [...committed.values()].find(([id]) => id === digest)?.[1]
  if (found === undefined) return E.left(newError('ledger-not-found', 'It is not here.', 'Attach it.'))
  const [header = '', chunk = ''] = found.split('.')
  const answer = { digest, enrollmentId: 'somebody', header: JSON.parse(atob(header)) as unknown, chunks: [chunk] }
  return E.right(Buffer.from(JSON.stringify(answer)))
}

/**
 * A ledger on another machine, which no fault here touches: it counts a transaction once by its id. The answer to
 * every third transaction is lost once. `onCommit` is called before the client hears of a transaction.
 */
export const remoteLedger = (
  committed: Committed,
  onCommit: (transaction: string, ids: readonly string[]) => void = () => undefined
): DeliveryRequest['ledger'] => {
  const settle = (bytes: Uint8Array): E.Either<BimsError, CommitOutcome> => {
    const { id, ids } = JSON.parse(Buffer.from(bytes).toString()) as { id: string; ids: string[] }
    if (!committed.has(id)) {
      committed.set(id, ids)
      onCommit(id, ids)
      if (committed.size % 3 === 0) return away()
    }
    return E.right({ block: [...committed.keys()].indexOf(id) + 1, valid: true, code: 'VALID' })
  }
  const connection = {
    endorse:
      (transaction: string, argument: string, { transient = {} }: { readonly transient?: Transient } = {}) =>
      async () => {
        const ids = idsOf(transaction, argument, transient)
        const id = createHash('sha256').update(randomUUID()).digest('hex')
        return E.right({ id, bytes: Buffer.from(JSON.stringify({ id, ids })) })
      },
    settle: (bytes: Uint8Array) => async () => settle(bytes),
    evaluate: (_: string, argument: string) => async () => readAttachment(committed, argument)
  } as unknown as Sender['connection']
  return {
    sender: { patience: { proposals: 2, endorsements: 1, submissions: 2, readBacks: 3, arrivals: 4 }, connection },
    limits: { batch: { records: 5, bytes: 100_000 }, inFlight: 2 }
  }
}

/** Reads the transactions of lines `ledger TRANSACTION ID…`. */
export const committedIn = (lines: readonly string[]): Committed =>
  new Map(
    lines
      .map(line => line.split(' '))
      .filter(([word]) => word === 'ledger')
      .map(([, transaction = '', ...ids]) => [transaction, ids] as const)
  )
