import { decodeWith, newError, parseJson, type BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'

const bounds = { bytes: 128 * 1024 * 1024, depth: 8 }

/** Reads what the chaincode answered. Fails with `ledger-refused` where it is not of the form that this version knows. */
export const decodeAnswer =
  <A>(codec: t.Type<A, unknown, unknown>) =>
  (bytes: Uint8Array): E.Either<BimsError, A> =>
    E.mapLeft((error: BimsError) =>
      newError(
        'ledger-refused',
        `The chaincode answered something else: ${error.what}`,
        'Use the version of BIMS that the channel runs.',
        { cause: error }
      )
    )(E.flatMap(decodeWith(codec, 'an answer of the chaincode'))(parseJson(bytes, bounds)))
