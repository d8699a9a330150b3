import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError, type Issue } from '../errors.ts'
import { isJsonArray, isJsonObject, type JsonValue } from '../json/value.ts'
import type { LedgerKind } from './kind.ts'

/** What a record can be looked up by: its id, an image in it, what it was made from, another record that it names, its instrument. */
export type NameRole = 'image' | 'source' | 'reference' | 'instrument'

/** In which form a record names something: a record by its id, an image by its content key or its pixel digest. */
export type NameForm = 'id' | 'content' | 'digest'

const forms: Readonly<Record<NameForm, readonly [pattern: RegExp, words: string]>> = {
  id: [/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits'],
  content: [/^[0-9a-f]{64}$/, '64 hex digits'],
  digest: [/^bims-(?:pixels|coded)-1:[0-9a-f]{64}$/, 'bims-pixels-1: or bims-coded-1: and 64 hex digits']
}

interface Place {
  /** Member names; `*` stands for every element of an array. */
  readonly path: readonly string[]
  /** The first of them as it stands in JSON. */
  readonly member: string
  readonly role: NameRole
  readonly form: NameForm
}

const place = (text: string, role: NameRole, form: NameForm = 'id'): Place => {
  const path = text.split('.')
  return { path, member: `"${path[0]}"`, role, form }
}

/** Where a record names what it is found by. */
const places: Readonly<Record<LedgerKind, readonly Place[]>> = {
  instrument: [],
  acquisition: [place('instrument', 'instrument')],
  macro: [],
  image: [
    place('acquisitions.*', 'reference'),
    place('macro', 'reference'),
    place('sources.*.manifest', 'source'),
    place('sources.*.content', 'source', 'content'),
    place('replayOf.manifest', 'reference'),
    place('images.*.content', 'image', 'content'),
    place('images.*.digest', 'image', 'digest')
  ],
  share: [place('target', 'reference')],
  supersede: [place('target', 'reference'), place('replacement', 'reference')],
  withdraw: [place('target', 'reference')]
}

/** What a record names: another record by its id, or an image by its content key or digest. */
export interface Name {
  readonly text: string
  readonly role: NameRole
  readonly form: NameForm
}

/** Goes to every value at a path; where it is stands in `steps`, so that a pointer is made only where one is told. */
const walk = (
  value: JsonValue,
  path: readonly string[],
  steps: (string | number)[],
  visit: (value: JsonValue) => void
): void => {
  const name = path[steps.length]
  if (name === undefined) return visit(value)
  const enter = (child: JsonValue, step: string | number): void => {
    steps.push(step)
    walk(child, path, steps, visit)
    steps.pop()
  }
  if (name === '*') {
    if (isJsonArray(value)) value.forEach(enter)
    return
  }
  const child = isJsonObject(value) ? value[name] : undefined
  if (child !== undefined) enter(child, name)
}

/**
 * Whether a record whose JSON this is, each byte a character, may name something: false only where {@link namesOf} finds nothing at all.
 * A text without the members that hold names need not be parsed to know what it names.
 */
export const mayName = (kind: LedgerKind, json: string): boolean =>
  json.includes('\\u') || places[kind].some(({ member }) => json.includes(member))

/**
 * What a record names by ids, content keys and digests, in the order of the table in docs/spec/ledger.md.
 * Fails with `record-schema` where one of them has another form, all places in `issues`.
 */
export const namesOf = (kind: LedgerKind, record: JsonValue): E.Either<BimsError, readonly Name[]> => {
  const names: Name[] = []
  const issues: Issue[] = []
  for (const { path, role, form } of places[kind]) {
    const [pattern, words] = forms[form]
    const steps: (string | number)[] = []
    walk(record, path, steps, value => {
      if (typeof value === 'string' && pattern.test(value)) names.push({ text: value, role, form })
      else if (issues.length < 100) issues.push({ at: `/${steps.join('/')}`, what: `expected ${words}` })
    })
  }
  return issues.length === 0
    ? E.right(names)
    : E.left(
        newError(
          'record-schema',
          `The record names something in a wrong form at ${issues[0]?.at}: ${issues[0]?.what}.`,
          'Name records by their ids, images by content key and digest.',
          { issues }
        )
      )
}
