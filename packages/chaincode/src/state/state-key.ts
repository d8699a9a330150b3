/**
 * Composite keys of the state. `page` [transaction]: the compressed contents of a transaction. `submission`
 * [id, mspId, enrollmentId]: where a record stands that was submitted by that identity. `mark` [target id, mspId,
 * enrollmentId, kind, id]: that submission was superseded or withdrawn. docs/spec/ledger.md describes the values.
 */
export type StateKeyType = 'page' | 'submission' | 'mark'

/** A composite key, or the first attributes of several. */
export interface StateKey {
  readonly type: StateKeyType
  readonly attributes: readonly string[]
}

/** Key of the contents of a transaction. */
export const pageKey = (transaction: string): StateKey => ({ type: 'page', attributes: [transaction] })

/** Key of a submission. */
export const submissionKey = (id: string, mspId: string, enrollmentId: string): StateKey => ({
  type: 'submission',
  attributes: [id, mspId, enrollmentId]
})

/** Beginning of the keys of all submissions of a record. */
export const submissionsOf = (id: string): StateKey => ({ type: 'submission', attributes: [id] })

/** Key of the mark that a record of kind supersede or withdraw leaves on a submission. */
export const markKey = (target: string, mspId: string, enrollmentId: string, kind: string, id: string): StateKey => ({
  type: 'mark',
  attributes: [target, mspId, enrollmentId, kind, id]
})

/** Beginning of the keys of all marks on submissions of a record. */
export const marksOf = (id: string): StateKey => ({ type: 'mark', attributes: [id] })

/** Tells whether a name can stand in a composite key: Fabric parts them by U+0000 and ends ranges at U+10FFFF. */
export const isKeyName = (name: string, length: number): boolean =>
  name.length > 0 && name.length <= length && !/[\u0000-\u001f\u007f\p{Surrogate}\u{10ffff}]/u.test(name)
