import { recordBounds } from '../json/canonical.ts'

/** What the ledger takes at most. The chaincode enforces it; clients batch within it. */
export const ledgerLimits = {
  /** Bytes of a record in canonical form. */
  recordBytes: recordBounds.bytes,
  /** Records in a transaction. */
  recordsPerTransaction: 1000,
  /** Bytes of all records of a transaction, before compression. */
  bytesPerTransaction: 4 * 1024 * 1024,
  /** Characters of the argument of a transaction. */
  argumentLength: 512 * 1024,
  /** Submissions in one answer of `Read`. */
  submissionsPerAnswer: 100,
  /** Marks (supersede, withdraw) in one answer of `Read`. */
  marksPerAnswer: 100,
  /** Characters of an enrolment id or mspId. */
  nameLength: 256
} as const
