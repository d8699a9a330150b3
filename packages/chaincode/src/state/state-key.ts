import { ledgerLimits, type StateKey } from '@bims/core'

/** Key of a submission: of version 1 in the public state, of a restricted record in a private collection. */
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
export const isKeyName = (name: string, length: number = ledgerLimits.nameLength): boolean =>
  name.length > 0 && name.length <= length && !/[\u0000-\u001f\u007f\p{Surrogate}\u{10ffff}]/u.test(name)

/** Tells whether a text is the id of a transaction, as Fabric makes them. */
export const isTransactionId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
