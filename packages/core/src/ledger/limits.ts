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
  nameLength: 256,
  /** Postings of a transaction that are written as entries, a key each; more than that are packed into runs. */
  entriesPerTransaction: 16,
  /** Records in one answer of `Find`. */
  recordsPerAnswer: 100,
  /** Bytes of contents in one answer of `Find`; one record is always answered. */
  contentPerAnswer: 1024 * 1024,
  /** Bytes of pages, inflated, that one answer of `Read` or `Find` is made from. */
  pagesPerAnswer: 16 * 1024 * 1024,
  /** Nodes in the answer of `Lineage`. */
  lineageNodes: 1000,
  /** Steps of `Lineage` away from where it begins. */
  lineageDepth: 16,
  /** Terms that the answer of `Lineage` looks up. */
  lookupsPerLineage: 2000,
  /** Bytes of pages, inflated, that the answer of `Lineage` is made from. */
  pagesPerLineage: 64 * 1024 * 1024,
  /** Runs that one `Merge` takes. */
  runsPerMerge: 256,
  /** Bytes of the runs that one `Merge` takes. */
  bytesPerMerge: 4 * 1024 * 1024,
  /** Bytes of a run of the last level up to which others may be merged into it. */
  lastRunBytes: 64 * 1024,
  /** Runs in one answer of `Runs`. */
  runsPerAnswer: 500,
  /** Keys that one `Purge` takes: records, submissions, headers and chunks of attachments. */
  purgesPerTransaction: 2000,
  /** Bytes of a chunk of an attachment; only the last may be shorter. */
  chunkBytes: 1024 * 1024,
  /** Chunks in one transaction or answer. */
  chunksPerTransaction: 16,
  /** Chunks of an attachment: 1 GiB. */
  chunksPerAttachment: 1024
} as const
