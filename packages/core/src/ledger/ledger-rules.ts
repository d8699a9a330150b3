/**
 * All that the chaincode needs, and whatever else follows the ledger's rules: arguments and answers, records and who may do what with
 * them, keys, pages, the index. Without certificates, units and images, which take several times as long to load.
 *
 * @module
 */
export { errorCodes, isBimsError, newError } from '../errors.ts'
export { sha256 } from '../hash/sha256.ts'
export { equalBytes, fromHex, fromUtf8, toBase64, utf8 } from '../json/bytes.ts'
export { canonicalBytes, canonicalText, idOf, parseCanonical, parseJson, recordBounds } from '../json/canonical.ts'
export { CountCodec, SaltCodec, Sha256IdCodec, decodeWith } from '../json/codec.ts'
export { isJsonArray, isJsonObject, toJson } from '../json/value.ts'
export {
  AttachArgumentCodec,
  AttachmentHeaderCodec,
  ReadAttachmentArgumentCodec,
  chunkEntry,
  chunksOf,
  headerEntry,
  sharedBy
} from './attach.ts'
export { restrictedCollection } from './collection.ts'
export { errorText } from './error-text.ts'
export { FindArgumentCodec } from './find.ts'
export { ledgerKinds } from './kind.ts'
export { ledgerLimits } from './limits.ts'
export { LineageArgumentCodec } from './lineage.ts'
export { SupersedeCodec, WithdrawCodec } from './mark.ts'
export { MergeArgumentCodec, RunsArgumentCodec } from './merge.ts'
export { pageEntry, splitPage } from './page.ts'
export { PurgeArgumentCodec } from './purge.ts'
export { attestationText } from './receipt.ts'
export { readLedgerRecord } from './record-ref.ts'
export { namesOf } from './reference.ts'
export { ledgerActions, mayAct, parseRole, roles } from './role.ts'
export { bucketOf, packRun, runLevels, unpackRun } from './run.ts'
export { ShareArgumentCodec, ShareRecordCodec, targetsEntry } from './share.ts'
export { compositeKey, pageKey, transactionKey } from './state-key.ts'
export {
  AttestArgumentCodec,
  MarkCodec,
  ReadArgumentCodec,
  StoredRestrictedCodec,
  StoredSubmissionCodec,
  StoredTransactionCodec,
  SubmitArgumentCodec
} from './submission.ts'
export { termHash, termsOf, termTypes } from './term.ts'

export type { BimsError, BimsErrorCode, BimsErrorTag, Issue } from '../errors.ts'
export type { JsonBounds } from '../json/canonical.ts'
export type { JsonObject, JsonValue } from '../json/value.ts'
export type {
  AttachAnswer,
  AttachArgument,
  AttachmentHeader,
  AttachmentShare,
  ReadAttachmentAnswer,
  ReadAttachmentArgument
} from './attach.ts'
export type { FindAnswer, FindArgument, FoundRecord } from './find.ts'
export type { LedgerKind } from './kind.ts'
export type { LineageAnswer, LineageArgument, LineageDirection, LineageEdge, LineageNode } from './lineage.ts'
export type { Submitter, Supersede, Withdraw } from './mark.ts'
export type { BucketRuns, MergeAnswer, MergeArgument, RunName, RunsAnswer, RunsArgument } from './merge.ts'
export type { PurgeAnswer, PurgeArgument, PurgedAttachment, PurgedSubmission } from './purge.ts'
export type { ReadLedgerRecord, RecordRef } from './record-ref.ts'
export type { Name, NameForm, NameRole } from './reference.ts'
export type { Belonging, LedgerAction, Role } from './role.ts'
export type { Posting } from './run.ts'
export type { ShareArgument, ShareRecord } from './share.ts'
export type { StateKey, StateKeyType } from './state-key.ts'
export type {
  AttestArgument,
  CollectionOwner,
  Mark,
  ReadArgument,
  RecordAnswer,
  ReleaseOf,
  StoredRestricted,
  StoredSubmission,
  StoredTransaction,
  Submission,
  SubmitAnswer,
  SubmitArgument,
  SubmittedRef
} from './submission.ts'
export type { Term, TermType } from './term.ts'
