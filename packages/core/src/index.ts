/**
 * BIMS records: values, ids, digests, acquisitions, macros, bundles and proofs. Pure: no files, no network, no
 * process; the same in browsers and in Node.
 *
 * @module
 */
export { errorCodes, isBimsError, newError } from './errors.ts'
export { checkValue } from './json/domain.ts'
export { isJsonArray, isJsonObject, toJson } from './json/value.ts'
export { concatBytes, equalBytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from './json/bytes.ts'
export { canonicalBytes, canonicalText, idOf, parseCanonical, parseJson, recordBounds } from './json/canonical.ts'
export { fromFloat64, fromInteger } from './json/number.ts'
export { checkOpening, isWithheld, openValues, withhold, WithheldCodec } from './json/withheld.ts'
export { AttachmentCodec, attachmentDigest, isSpilled } from './json/attachment.ts'
export {
  Base64Codec,
  CountCodec,
  DateTimeCodec,
  decodeWith,
  HexHashCodec,
  ImageDigestCodec,
  JsonValueCodec,
  SaltCodec,
  Sha256IdCodec
} from './json/codec.ts'
export { newSha256, sha256 } from './hash/sha256.ts'
export { inclusionProof, leafHash, merkleRoot, nodeHash, rootOfProof } from './digest/merkle.ts'
export { bandRows, codedDigest, contentKey, pixelDigest } from './digest/pixel-digest.ts'
export { digestAxes, transpose, withAxes } from './digest/axes.ts'
export { arrayDigest, defaultAxes, littleEndianBytes } from './digest/array-digest.ts'
export { isUnit, kV, ms, newQuantity, nm, QuantityCodec, s, um, volt } from './acquisition/quantity.ts'
export { SettingsCodec } from './acquisition/setting.ts'
export { PlaneTableCodec } from './acquisition/planes.ts'
export { InstrumentCodec } from './acquisition/instrument.ts'
export { AcquisitionCodec, modalities } from './acquisition/acquisition.ts'
export { DTypeCodec } from './digest/dtype-codec.ts'
export { isCommensurable, valueIn } from './acquisition/commensurable.ts'
export { isModelled, modalitySettings, settingDefinition } from './acquisition/modalities/modality-settings.ts'
export { settingStages, settingTiers } from './acquisition/modalities/setting-definition.ts'
export { completeness } from './acquisition/completeness.ts'
export { checkAcquisition } from './acquisition/setting-check.ts'
export { coverage } from './acquisition/coverage.ts'
export { formatValueName, parseValueName, valueKinds } from './macro/value-name.ts'
export { MacroCodec, RedactionTreeCodec, StepCodec, StepsCodec } from './macro/macro-codec.ts'
export { redactSteps, verifyRedaction } from './macro/redaction.ts'
export { sliceMacro } from './macro/slice.ts'
export { imageRoles, ManifestCodec, ManifestImagesCodec } from './bundle/manifest.ts'
export { isRestricted, kindOfSchema, parseRecord, readRecordValue, recordSchemas, sealRecord } from './bundle/record.ts'
export { BundleCodec, bundleBounds, bundleBytes, newBundle, parseBundle } from './bundle/bundle.ts'
export { attachmentBytes, newAttachment, spillRecord, unspill } from './bundle/spill.ts'
export { parseCertificate, parsePem, verifyChain } from './bundle/certificate.ts'
export { fromDerSignature, toDerSignature } from './bundle/ecdsa.ts'
export { payloadType, preAuthenticationEncoding, signRecord, verifySignature } from './bundle/signature.ts'
export { checkNames, verdictOf } from './bundle/verdict.ts'
export { checkManifest } from './bundle/manifest-check.ts'
export { checkSignatures } from './bundle/signature-check.ts'
export { checkPixels, checkRedaction, macroOf, manifestOf, stepsOf } from './bundle/verify.ts'
export { bytesPerElement, dtypes } from './digest/nd-array.ts'
export { isLedgerKind, ledgerKindOf, ledgerKinds, ledgerSchemas } from './ledger/kind.ts'
export { ledgerActions, mayAct, parseRole, roles, roleTable } from './ledger/role.ts'
export { ledgerLimits } from './ledger/limits.ts'
export { LedgerKindCodec, newLedgerRecord, readLedgerRecord, RecordRefCodec } from './ledger/record-ref.ts'
export { namesOf } from './ledger/reference.ts'
export { termHash, termsOf, termTypes } from './ledger/term.ts'
export { bucketOf, packRun, runLevels, unpackRun } from './ledger/run.ts'
export { collectionsConfig, restrictedCollection } from './ledger/collection.ts'
export { compositeKey, pageKey, transactionKey } from './ledger/state-key.ts'
export { SubmitterCodec, SupersedeCodec, WithdrawCodec } from './ledger/mark.ts'
export {
  AttestArgumentCodec,
  MarkCodec,
  ReadArgumentCodec,
  RecordAnswerCodec,
  StoredRestrictedCodec,
  StoredSubmissionCodec,
  StoredTransactionCodec,
  SubmissionCodec,
  SubmitAnswerCodec,
  SubmitArgumentCodec
} from './ledger/submission.ts'
export { FindAnswerCodec, FindArgumentCodec } from './ledger/find.ts'
export { LineageAnswerCodec, LineageArgumentCodec } from './ledger/lineage.ts'
export { MergeAnswerCodec, MergeArgumentCodec, RunsAnswerCodec, RunsArgumentCodec } from './ledger/merge.ts'
export { ShareArgumentCodec, ShareRecordCodec, targetsEntry } from './ledger/share.ts'
export { PurgeAnswerCodec, PurgeArgumentCodec } from './ledger/purge.ts'
export {
  AttachAnswerCodec,
  AttachArgumentCodec,
  AttachmentHeaderCodec,
  chunkEntry,
  chunksOf,
  headerEntry,
  ReadAttachmentAnswerCodec,
  ReadAttachmentArgumentCodec,
  sharedBy
} from './ledger/attach.ts'
export { joinPage, pageEntry, splitPage } from './ledger/page.ts'
export { errorText, errorTextPrefix, parseErrorText } from './ledger/error-text.ts'
export { attestationText, attestationType, ReceiptCodec } from './ledger/receipt.ts'

export type { BimsError, BimsErrorCode, BimsErrorTag, Issue } from './errors.ts'
export type { JsonObject, JsonValue } from './json/value.ts'
export type { JsonBounds } from './json/canonical.ts'
export type { Opening, Withheld } from './json/withheld.ts'
export type { Attachment, Spilled } from './json/attachment.ts'
export type { CollectionConfig } from './ledger/collection.ts'
export type { Sha256 } from './hash/sha256-run.ts'
export type { DigestInput } from './digest/pixel-digest.ts'
export type { Quantity } from './acquisition/quantity.ts'
export type { SetAndMeasured, Setting, Settings, SettingValue } from './acquisition/setting.ts'
export type { PlaneColumn, PlaneTable } from './acquisition/planes.ts'
export type { Completeness, TierCompleteness } from './acquisition/completeness.ts'
export type { Coverage, CoveredAcquisition } from './acquisition/coverage.ts'
export type {
  SettingCondition,
  SettingDefinition,
  SettingStage,
  SettingTier
} from './acquisition/modalities/setting-definition.ts'
export type { Component, Instrument, InstrumentContent } from './acquisition/instrument.ts'
export type {
  AcquiredAt,
  AcquiredImage,
  Acquisition,
  AcquisitionContent,
  Channel,
  MappingEntry,
  Modality,
  NativeRecord
} from './acquisition/acquisition.ts'
export type {
  Environment,
  Evidence,
  HostProgram,
  KeptLeaf,
  Macro,
  MacroContent,
  MacroInput,
  MacroOutput,
  Origin,
  Parameter,
  Preconditions,
  Read,
  RedactionProof,
  RemovedSubtree,
  Step,
  Write
} from './macro/macro.ts'
export type { CommittedLog } from './macro/redaction.ts'
export type { DropReason, Slice } from './macro/slice.ts'
export type { Manifest, ManifestImage, ManifestRole, Source } from './bundle/manifest.ts'
export type { BimsRecord, RecordByKind, RecordKind, SealedRecord } from './bundle/record.ts'
export type { Bundle, BundledAttachment, BundleParts, ReadBundle, Signature } from './bundle/bundle.ts'
export type { Certificate } from './bundle/certificate.ts'
export type { Signer, VerifiedSignature } from './bundle/signature.ts'
export type { Check, CheckName, Expectations, Trust, Verdict } from './bundle/verdict.ts'
export type { BytesInFile } from './bundle/manifest-check.ts'
export type { SignatureCheck } from './bundle/signature-check.ts'
export type { ValueKind, ValueName } from './macro/value-name.ts'
export type { DType, Elements, NdArray } from './digest/nd-array.ts'
export type { ImageDigests } from './digest/array-digest.ts'
export type { ByteSource, EditableFile } from './ports/byte-source.ts'
export type {
  Container,
  ContainerImage,
  ImageRole,
  NativeBlock,
  NotCovered,
  OpenContainer,
  OriginalState
} from './ports/container.ts'
export type { NativeEntry, NativeText, StoredNative } from './acquisition/native-text.ts'
export type { InstrumentFormat, InstrumentReading } from './ports/instrument-format.ts'
export type { Host, Operation, OperationEffects, OperationParameter, ParameterValue } from './ports/host.ts'
export type { LedgerKind } from './ledger/kind.ts'
export type { Belonging, Extent, LedgerAction, Role } from './ledger/role.ts'
export type { LedgerRecord, ReadLedgerRecord, RecordRef } from './ledger/record-ref.ts'
export type { Name, NameForm, NameRole } from './ledger/reference.ts'
export type { Term, TermType } from './ledger/term.ts'
export type { Posting } from './ledger/run.ts'
export type { StateKey, StateKeyType } from './ledger/state-key.ts'
export type { Submitter, Supersede, Withdraw } from './ledger/mark.ts'
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
} from './ledger/submission.ts'
export type { FindAnswer, FindArgument, FoundRecord } from './ledger/find.ts'
export type { LineageAnswer, LineageArgument, LineageDirection, LineageEdge, LineageNode } from './ledger/lineage.ts'
export type { BucketRuns, MergeAnswer, MergeArgument, RunName, RunsAnswer, RunsArgument } from './ledger/merge.ts'
export type { ShareArgument, ShareRecord } from './ledger/share.ts'
export type { PurgeAnswer, PurgeArgument, PurgedAttachment, PurgedSubmission } from './ledger/purge.ts'
export type {
  AttachAnswer,
  AttachArgument,
  AttachmentHeader,
  AttachmentShare,
  ReadAttachmentAnswer,
  ReadAttachmentArgument
} from './ledger/attach.ts'
export type { Receipt, ReceiptEndorsement } from './ledger/receipt.ts'
