import {
  decodeWith,
  isJsonObject,
  ledgerLimits,
  newError,
  parseJson,
  utf8,
  type BimsError,
  type JsonValue
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'

const unsupported: Readonly<Record<string, string>> = {
  restricted: 'Restricted records are not taken by this version of the chaincode.',
  attachments: 'Attachments are not kept by this version of the chaincode.'
}

// What is asked for and not understood must be refused: done without it, it might come out public.
const checkMembers =
  (members: readonly string[]) =>
  (value: JsonValue): E.Either<BimsError, JsonValue> => {
    const unknown = isJsonObject(value) ? Object.keys(value).find(name => !members.includes(name)) : undefined
    return unknown === undefined
      ? E.right(value)
      : E.left(
          newError(
            'ledger-unsupported',
            (Object.hasOwn(unsupported, unknown) ? unsupported[unknown] : undefined) ??
              `The argument has a member "${unknown.slice(0, 60)}" that this version of the chaincode does not know.`,
            'Ask the operators of the channel to upgrade the chaincode.'
          )
        )
  }

const malformed = (error: BimsError): BimsError =>
  error.code === 'ledger-unsupported'
    ? error
    : newError('transaction-malformed', `The argument cannot be read: ${error.what}`, error.advice, {
        issues: error.issues ?? []
      })

/** Parses the argument of a transaction. Fails with `transaction-malformed`, `ledger-unsupported`. */
export const parseArgument = <A>(
  codec: t.Type<A, unknown, unknown>,
  members: readonly string[],
  argument: string
): E.Either<BimsError, A> => {
  const value = parseJson(utf8(argument.slice(0, ledgerLimits.argumentLength + 1)), {
    bytes: ledgerLimits.argumentLength,
    depth: 8
  })
  return E.mapLeft(malformed)(
    E.flatMap(decodeWith(codec, `the argument of the transaction`))(E.flatMap(checkMembers(members))(value))
  )
}
