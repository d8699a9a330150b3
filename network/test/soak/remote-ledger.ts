/* eslint-disable @typescript-eslint/require-await -- it answers at once */
import { createHash, randomUUID } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { idOf, newError, splitPage, type BimsError } from '@bims/core'
import type { CommitOutcome, DeliveryRequest, Sender } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'

/** Transactions on a ledger: id → ids of the records, in order. */
export type Committed = Map<string, readonly string[]>

const away = (): E.Either<BimsError, never> => E.left(newError('ledger-timeout', 'The answer was lost.', 'Ask again.'))

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
      (_: string, __: string, options: { readonly transient?: Readonly<Record<string, Uint8Array>> } = {}) =>
      async () => {
        const page = options.transient?.['page'] ?? new Uint8Array()
        const ids = (splitPage(inflateSync(page)) ?? []).map(idOf)
        const id = createHash('sha256').update(randomUUID()).digest('hex')
        return E.right({ id, bytes: Buffer.from(JSON.stringify({ id, ids })) })
      },
    settle: (bytes: Uint8Array) => async () => settle(bytes)
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
