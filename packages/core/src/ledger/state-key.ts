/**
 * Object types of the composite keys of the state; docs/spec/ledger.md describes attributes and values.
 * `submission` stands in the public state for records of version 1, and in private collections.
 */
export type StateKeyType =
  | 'page'
  | 'transaction'
  | 'log'
  | 'acquired'
  | 'entry'
  | 'run'
  | 'mark'
  | 'submission'
  | 'record'
  | 'attachment'
  | 'chunk'

/** A composite key, or the first attributes of several. */
export interface StateKey {
  readonly type: StateKeyType
  readonly attributes: readonly string[]
}

/** The composite key as Fabric writes it: U+0000, the object type, and each part ended by U+0000. */
export const compositeKey = ({ type, attributes }: StateKey): string => `\0${[type, ...attributes].join('\0')}\0`

/** Key of the compressed contents of a transaction. */
export const pageKey = (transaction: string): StateKey => ({ type: 'page', attributes: [transaction] })

/** Key of who submitted a transaction, and when. */
export const transactionKey = (transaction: string): StateKey => ({ type: 'transaction', attributes: [transaction] })
