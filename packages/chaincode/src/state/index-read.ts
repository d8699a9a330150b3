import {
  compositeKey,
  runLevels,
  termHash,
  unpackRun,
  type BimsError,
  type StateKey,
  type Term
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { LedgerState, StateRange } from './ledger-state.ts'
import { comparePositions, type Position } from './position.ts'
import { entryKey, runsFor } from './state-key.ts'
import { damaged, readPlaces } from './stored.ts'

/** Where the answers to a question may stand, in order, and whether more follow. */
export interface Candidates {
  readonly positions: readonly Position[]
  readonly more: boolean
}

/** Runs that are read at a time. */
const runsAtATime = 100

const isAfter = (position: Position, after: Position | undefined): boolean =>
  after === undefined || comparePositions(position, after) > 0

/** Positions under keys that list places: those of kinds, instruments and terms. */
export const listedPositions = async (
  state: LedgerState,
  prefix: StateKey,
  most: number,
  after: Position | undefined,
  from?: readonly string[]
): Promise<E.Either<BimsError, Candidates>> => {
  const begin = after?.key ?? from
  const start =
    begin === undefined ? '' : compositeKey({ type: prefix.type, attributes: [...prefix.attributes, ...begin] })
  const range = await state.range(prefix, most + 1, start)()
  if (E.isLeft(range)) return range
  const positions: Position[] = []
  for (const { attributes, value } of range.right.entries) {
    const places = readPlaces(value)
    if (E.isLeft(places)) return places
    const key = attributes.slice(prefix.attributes.length)
    for (const at of places.right.at) if (isAfter({ key, at }, after)) positions.push({ key, at })
  }
  return E.right({ positions, more: range.right.bookmark !== '' })
}

const packedAt = (range: StateRange, hash: string): E.Either<BimsError, readonly Position[]> => {
  const positions: Position[] = []
  for (const { value } of range.entries) {
    const postings = unpackRun(value, hash)
    if (postings === undefined) return E.left(damaged('A run of the index cannot be read.'))
    for (const { transaction, at } of postings) positions.push({ key: [transaction], at })
  }
  return E.right(positions)
}

const packedPositions = async (state: LedgerState, hash: string): Promise<E.Either<BimsError, readonly Position[]>> => {
  const positions: Position[] = []
  for (let level = 0; level < runLevels; level++) {
    for (let start = ''; ;) {
      const range = await state.range(runsFor(hash, level), runsAtATime, start)()
      if (E.isLeft(range)) return range
      const found = packedAt(range.right, hash)
      if (E.isLeft(found)) return found
      positions.push(...found.right)
      start = range.right.bookmark
      if (start === '') break
    }
  }
  return E.right(positions)
}

/**
 * Where records with a term may stand, in the order of transaction and place: one range over the entries of small transactions and
 * one a level over packed runs, however many records there are. A hash may be that of another term: the record decides.
 */
export const termPositions = async (
  state: LedgerState,
  term: Term,
  most: number,
  after: Position | undefined
): Promise<E.Either<BimsError, Candidates>> => {
  const listed = await listedPositions(state, entryKey(term), most, after)
  if (E.isLeft(listed)) return listed
  const packed = await packedPositions(state, termHash(term))
  if (E.isLeft(packed)) return packed
  const last = listed.right.more ? listed.right.positions.at(-1) : undefined
  // What lies behind the last entry that was read waits for those that were not.
  const inReach = packed.right.filter(
    position => isAfter(position, after) && (last === undefined || comparePositions(position, last) <= 0)
  )
  const positions = [...listed.right.positions, ...inReach]
    .sort(comparePositions)
    .filter((position, i, all) => i === 0 || comparePositions(position, all[i - 1] ?? position) !== 0)
  return E.right({
    positions: positions.slice(0, most),
    more: listed.right.more || positions.length > most
  })
}
