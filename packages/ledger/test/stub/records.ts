import { canonicalBytes, newLedgerRecord, type LedgerRecord } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'

/** A small record, distinct by its number. */
export const newRecord = (n: number, more: Readonly<Record<string, string>> = {}): LedgerRecord => {
  const record = newLedgerRecord(canonicalBytes({ schema: 'bims.macro/1', n, ...more }))
  if (E.isLeft(record)) throw new Error(record.left.what)
  return record.right
}

/** The right side, or a failure that tells the left. */
export const expectRight = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(`left: ${JSON.stringify(result.left)}`)
  return result.right
}

/** The left side, or a failure that tells the right. */
export const expectLeft = <L>(result: E.Either<L, unknown>): L => {
  if (E.isRight(result)) throw new Error(`right: ${JSON.stringify(result.right)}`)
  return result.left
}
