import {
  CountCodec,
  decodeWith,
  newError,
  parseJson,
  recordBounds,
  StoredTransactionCodec,
  transactionKey,
  type BimsError,
  type StoredTransaction
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { LedgerState } from './ledger-state.ts'

/** The state holds something that this chaincode does not write. */
export const damaged = (what: string): BimsError =>
  newError('unexpected', what, 'Please report it: the state of the ledger is not what this chaincode writes.')

/** Reads a JSON value of the state. Fails with `unexpected`: only this chaincode writes there. */
export const readStored =
  <A>(codec: t.Type<A, unknown, unknown>, what: string) =>
  (value: Uint8Array): E.Either<BimsError, A> =>
    E.flatMap(decodeWith(codec, what, 'unexpected'))(parseJson(value, recordBounds))

const PlacesCodec: t.Type<{ readonly at: readonly number[] }, unknown, unknown> = t.type({
  at: t.readonlyArray(CountCodec)
})

/** Places in a page, as keys of kinds, instruments and terms list them. */
export const readPlaces = readStored(PlacesCodec, 'a list of places')

/** Who submitted a transaction and when; undefined where version 1 took it. */
export const readTransaction = async (
  state: LedgerState,
  transaction: string
): Promise<E.Either<BimsError, StoredTransaction | undefined>> => {
  const value = await state.get(transactionKey(transaction))()
  if (E.isLeft(value)) return value
  return value.right === undefined
    ? E.right(undefined)
    : readStored(StoredTransactionCodec, 'a stored transaction')(value.right)
}

/** The values of all results, or the first problem. */
export const allOf = <A>(results: readonly E.Either<BimsError, A>[]): E.Either<BimsError, readonly A[]> => {
  const values: A[] = []
  for (const result of results) {
    if (E.isLeft(result)) return result
    values.push(result.right)
  }
  return E.right(values)
}
