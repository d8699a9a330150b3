import {
  canonicalText,
  fromUtf8,
  readLedgerRecord,
  toJson,
  type BimsError,
  type Mark,
  type ReadLedgerRecord,
  type RecordAnswer,
  type Submission
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'

/** The answer of `Read`. Fails with `unexpected`. */
export const recordAnswer = (
  bytes: Uint8Array,
  submissions: readonly Submission[],
  marks: readonly Mark[],
  bookmark: string
): E.Either<BimsError, string> =>
  E.map(({ ref }: ReadLedgerRecord) => {
    const answer: RecordAnswer = { ...ref, content: fromUtf8(bytes) ?? '', submissions, marks, bookmark }
    return canonicalText(toJson(answer))
  })(readLedgerRecord(bytes))
