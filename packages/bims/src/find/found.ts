import type { JsonValue, LedgerKind, LineageAnswer, Submission } from '@bims/core'

/** A record that was found. */
export interface FoundOnLedger extends Submission {
  readonly id: string
  readonly kind: LedgerKind
  readonly schema: string
  /** The record itself; absent where it was written to the output. */
  readonly record?: JsonValue
}

/** What was found. */
export interface FindReport {
  readonly records: readonly FoundOnLedger[]
  readonly lineage?: LineageAnswer
  /** Where the records were written. */
  readonly output?: string
}
