/**
 * What is needed to read the ledger's state and nothing heavier: keys, pages, terms, packed runs. For threads that start
 * often and for readers that check blocks.
 *
 * @module
 */
export { errorCodes } from '../errors.ts'
export { idOf } from '../json/canonical.ts'
export { toJson } from '../json/value.ts'
export { ledgerLimits } from './limits.ts'
export { isLedgerKind, ledgerKindOf, ledgerKinds, ledgerSchemas } from './kind.ts'
export { pageEntry, splitPage } from './page.ts'
export { mayName, namesOf } from './reference.ts'
export { bucketOf, packRun, runLevels, unpackRun } from './run.ts'
export { collectionsConfig, restrictedCollection } from './collection.ts'
export { compositeKey, pageKey, transactionKey } from './state-key.ts'
export { termHash, termsOf, termTypes } from './term.ts'

export type { BimsError, BimsErrorCode, BimsErrorTag, Issue } from '../errors.ts'
export type { JsonObject, JsonValue } from '../json/value.ts'
export type { CollectionConfig } from './collection.ts'
export type { LedgerKind } from './kind.ts'
export type { Name, NameForm, NameRole } from './reference.ts'
export type { Posting } from './run.ts'
export type { StateKey, StateKeyType } from './state-key.ts'
export type { Term, TermType } from './term.ts'
