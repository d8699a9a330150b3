import {
  decodeWith,
  isJsonArray,
  isJsonObject,
  ledgerLimits,
  newError,
  parseJson,
  utf8,
  type BimsError,
  type JsonValue
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import type { LedgerState } from '../state/ledger-state.ts'

/** The members that an object may have; of those that hold objects, or lists of objects, the members of these. */
export interface Members {
  readonly [name: string]: Members | undefined
}

/** A member that holds no object. */
export const plain: Members | undefined = undefined

const unknownMember = (value: JsonValue | undefined, members: Members): string | undefined => {
  if (isJsonArray(value)) {
    for (const item of value) {
      const unknown = unknownMember(item, members)
      if (unknown !== undefined) return unknown
    }
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) return name
    const inner = members[name]
    const unknown = inner === undefined ? undefined : unknownMember(value[name], inner)
    if (unknown !== undefined) return unknown
  }
  return undefined
}

// What is asked for and not understood must be refused: done without it, it might come out public.
const checkMembers =
  (members: Members) =>
  (value: JsonValue): E.Either<BimsError, JsonValue> => {
    const unknown = unknownMember(value, members)
    return unknown === undefined
      ? E.right(value)
      : E.left(
          newError(
            'ledger-unsupported',
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
  members: Members,
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

/** An argument that asks for what no transaction does. Advice stands in docs/spec/ledger.md. */
export const malformedArgument = (what: string): E.Either<BimsError, never> =>
  E.left(newError('transaction-malformed', what, 'See docs/spec/ledger.md for the arguments of transactions.'))

/**
 * The entries of the transient map that a transaction takes, all of them. Fails with `transaction-malformed` where one is missing and
 * `ledger-unsupported` where another is there: what it is for might matter.
 */
export const transientEntries = (
  state: LedgerState,
  names: readonly string[]
): E.Either<BimsError, readonly Uint8Array[]> => {
  const other = [...state.transient.keys()].sort().find(name => !names.includes(name))
  if (other !== undefined) {
    return E.left(
      newError(
        'ledger-unsupported',
        `The transient map has an entry "${other.slice(0, 60)}" that this transaction does not take.`,
        'Ask the operators of the channel to upgrade the chaincode.'
      )
    )
  }
  const entries: Uint8Array[] = []
  for (const name of names) {
    const entry = state.transient.get(name)
    if (entry === undefined) return malformedArgument(`The transient map holds no ${name}.`)
    entries.push(entry)
  }
  return E.right(entries)
}

/** The time of the proposal's header. Fails with `transaction-malformed` where it holds none. */
export const timeOf = ({ time }: LedgerState): E.Either<BimsError, string> =>
  time === undefined ? malformedArgument('The header of the proposal holds no time that a date can be.') : E.right(time)
