import type { BimsError, StateKey } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { PlannedWrite } from '../state/index-write.ts'

/** Writes in the order given. Fails with `unexpected`. */
export const writeAll = async (
  put: (key: StateKey, value: Uint8Array) => TaskEither<BimsError, void>,
  writes: readonly PlannedWrite[]
): Promise<E.Either<BimsError, undefined>> => {
  const results = await Promise.all(writes.map(({ key, value }) => put(key, value)()))
  return results.find(E.isLeft) ?? E.right(undefined)
}
