import { newError, type BimsError } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'

/** A record among the answers to a question: the parts of its key that follow the question, and its place in the page. */
export interface Position {
  /** A time and a transaction, or a transaction alone. */
  readonly key: readonly string[]
  readonly at: number
}

/** Order of positions, which is that of their keys. */
export const comparePositions = (a: Position, b: Position): number => {
  for (const [i, part] of a.key.entries()) {
    const other = b.key[i] ?? ''
    if (part !== other) return part < other ? -1 : 1
  }
  return a.at - b.at
}

/** A position as a bookmark: what was answered last. It stays right when runs are merged between two answers. */
export const bookmarkOf = ({ key, at }: Position): string => [...key, String(at)].join('/')

const byTransaction = /^([0-9a-f]{64})\/(\d{1,9})$/
const byTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([0-9a-f]{64})\/(\d{1,9})$/

/** Reads a bookmark; undefined where it is empty. Fails with `transaction-malformed`. */
export const parseBookmark = (
  bookmark: string,
  form: 'by-transaction' | 'by-time'
): E.Either<BimsError, Position | undefined> => {
  if (bookmark === '') return E.right(undefined)
  const parts = (form === 'by-time' ? byTime : byTransaction).exec(bookmark)?.slice(1)
  const at = parts?.pop()
  return parts === undefined || at === undefined
    ? E.left(
        newError(
          'transaction-malformed',
          'The bookmark belongs to another question.',
          'Ask on with the bookmark of the answer before.'
        )
      )
    : E.right({ key: parts, at: Number(at) })
}
