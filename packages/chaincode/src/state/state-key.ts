import { bucketOf, ledgerLimits, type StateKey, type Term } from '@bims/core/ledger-rules'

/** Key of a submission: of version 1 in the public state, of a restricted record in a private collection. */
export const submissionKey = (id: string, mspId: string, enrollmentId: string): StateKey => ({
  type: 'submission',
  attributes: [id, mspId, enrollmentId]
})

/** Beginning of the keys of all submissions of a record, or of those by an organisation. */
export const submissionsOf = (id: string, ...mspId: readonly string[]): StateKey => ({
  type: 'submission',
  attributes: [id, ...mspId]
})

/** Key of the mark that a record of kind supersede or withdraw leaves on a submission. */
export const markKey = (target: string, mspId: string, enrollmentId: string, kind: string, id: string): StateKey => ({
  type: 'mark',
  attributes: [target, mspId, enrollmentId, kind, id]
})

/** Beginning of the keys of all marks on submissions of a record. */
export const marksOf = (id: string): StateKey => ({ type: 'mark', attributes: [id] })

/** Key of the records of a kind in a transaction; without time and transaction the beginning of those keys. */
export const logKey = (kind: string, mspId: string, ...rest: readonly string[]): StateKey => ({
  type: 'log',
  attributes: [kind, mspId, ...rest]
})

/** Key of the acquisitions of an instrument in a transaction; without time and transaction the beginning of those keys. */
export const acquiredKey = (instrument: string, ...rest: readonly string[]): StateKey => ({
  type: 'acquired',
  attributes: [instrument, ...rest]
})

/** Key of a term in a small transaction; without transaction the beginning of those keys. */
export const entryKey = ({ type, text }: Term, ...transaction: readonly string[]): StateKey => ({
  type: 'entry',
  attributes: [type, text, ...transaction]
})

/** Key of a run of the index; without transaction the beginning of the keys of a bucket. */
export const runKey = (level: number, bucket: string, ...transaction: readonly string[]): StateKey => ({
  type: 'run',
  attributes: [level.toString(16), bucket, ...transaction]
})

/** Beginning of the keys of the runs in which a hash may stand at a level. */
export const runsFor = (hash: string, level: number): StateKey => runKey(level, bucketOf(hash, level))

/** Beginning of the keys of all runs of a level. */
export const runsOf = (level: number): StateKey => ({ type: 'run', attributes: [level.toString(16)] })

/** Key of a restricted record in a private collection. */
export const recordKey = (id: string): StateKey => ({ type: 'record', attributes: [id] })

/** Key of the header of an attachment in a private collection; without enrolment id the beginning of the keys of all its submitters. */
export const attachmentKey = (digest: string, ...enrollmentId: readonly string[]): StateKey => ({
  type: 'attachment',
  attributes: [digest, ...enrollmentId]
})

/** Key of a chunk of an attachment in a private collection. */
export const chunkKey = (digest: string, enrollmentId: string, n: number): StateKey => ({
  type: 'chunk',
  attributes: [digest, enrollmentId, String(n)]
})

/** Tells whether a name can stand in a composite key: Fabric parts them by U+0000 and ends ranges at U+10FFFF. */
export const isKeyName = (name: string, length: number = ledgerLimits.nameLength): boolean =>
  name.length > 0 && name.length <= length && !/[\u0000-\u001f\u007f\p{Surrogate}\u{10ffff}]/u.test(name)

/** Tells whether a text is the id of a transaction, as Fabric makes them. */
export const isTransactionId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
