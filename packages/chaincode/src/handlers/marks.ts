import {
  ledgerLimits,
  MarkCodec,
  decodeWith,
  parseJson,
  recordBounds,
  type BimsError,
  type Mark
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { ReadRange, StateEntry, StateRange } from '../state/ledger-state.ts'
import { marksOf } from '../state/state-key.ts'
import { allOf } from '../state/stored.ts'

const markOf = ({ attributes, value }: StateEntry): E.Either<BimsError, Mark> => {
  const [, mspId = '', enrollmentId = '', kind = '', id = ''] = attributes
  return E.flatMap((said: unknown) =>
    decodeWith(
      MarkCodec,
      'a stored mark',
      'unexpected'
    )({ ...Object(said), submission: { mspId, enrollmentId }, kind, id })
  )(parseJson(value, recordBounds))
}

/** The first hundred marks on submissions of a record. Fails with `unexpected`. */
export const readMarks = async (range: ReadRange, id: string): Promise<E.Either<BimsError, readonly Mark[]>> =>
  E.flatMap((marked: StateRange) => allOf(marked.entries.map(markOf)))(
    await range(marksOf(id), ledgerLimits.marksPerAnswer)()
  )
