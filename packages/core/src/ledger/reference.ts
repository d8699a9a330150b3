import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError, type Issue } from '../errors.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import type { LedgerKind } from './kind.ts'

/** Where a record names another by its id. `*` stands for every element of an array. */
const places: Readonly<Record<LedgerKind, readonly (readonly string[])[]>> = {
  instrument: [],
  acquisition: [['instrument']],
  macro: [],
  image: [['acquisitions', '*'], ['macro'], ['sources', '*', 'manifest'], ['replayOf', 'manifest']],
  share: [['target']],
  supersede: [['target'], ['replacement']],
  withdraw: [['target']]
}

/** A record that another one names. */
export interface Reference {
  /** JSON pointer to the id. */
  readonly at: string
  readonly id: string
}

interface Found {
  readonly at: string
  readonly value: JsonValue
}

const step = (found: readonly Found[], name: string): readonly Found[] =>
  found.flatMap(({ at, value }) => {
    if (name === '*')
      return Array.isArray(value) ? value.map((child: JsonValue, i) => ({ at: `${at}/${i}`, value: child })) : []
    const child = isJsonObject(value) ? value[name] : undefined
    return child === undefined ? [] : [{ at: `${at}/${name}`, value: child }]
  })

const isId = (value: JsonValue): value is string => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)

/** The records that a record names. Fails with `record-schema` where one of the names is not an id, all places in `issues`. */
export const referencesOf = (kind: LedgerKind, record: JsonValue): E.Either<BimsError, readonly Reference[]> => {
  const references: Reference[] = []
  const issues: Issue[] = []
  for (const place of places[kind]) {
    for (const { at, value } of place.reduce<readonly Found[]>(step, [{ at: '', value: record }])) {
      if (isId(value)) references.push({ at, id: value })
      else if (issues.length < 100) issues.push({ at, what: 'expected sha256: and 64 hex digits' })
    }
  }
  return issues.length === 0
    ? E.right(references)
    : E.left(
        newError(
          'record-schema',
          `The record names another by something that is not an id at ${issues[0]?.at}.`,
          'Name records by their ids.',
          { issues }
        )
      )
}
