import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { newError, type BimsError } from '../errors.ts'
import { idOf, parseCanonical, recordBounds } from '../json/canonical.ts'
import { Sha256IdCodec } from '../json/codec.ts'
import { isJsonObject, type JsonValue } from '../json/value.ts'
import { isLedgerKind, ledgerKindOf, ledgerSchemas, type LedgerKind } from './kind.ts'

/** What a transaction's argument says of a record; the content travels in the transient map. */
export interface RecordRef {
  readonly kind: LedgerKind
  /** `sha256:` and hex over the canonical bytes. */
  readonly id: string
  /** `name/major`. */
  readonly schema: string
}

/** A record as the ledger takes it: its reference and the canonical bytes that its id is over. */
export interface LedgerRecord extends RecordRef {
  readonly bytes: Uint8Array
}

/** Codec of a {@link LedgerKind}. */
export const LedgerKindCodec: t.Type<LedgerKind, string, unknown> = new t.Type<LedgerKind, string, unknown>(
  'kind of record',
  isLedgerKind,
  (u, context) => (isLedgerKind(u) ? t.success(u) : t.failure(u, context)),
  kind => kind
)

/** Codec of {@link RecordRef}. */
export const RecordRefCodec: t.Type<RecordRef, unknown, unknown> = t.type(
  { kind: LedgerKindCodec, id: Sha256IdCodec, schema: t.string },
  'RecordRef'
)

/** A record that was read: its reference and its value. */
export interface ReadLedgerRecord {
  readonly ref: RecordRef
  readonly value: JsonValue
}

/**
 * Reads the bytes of any record of the ledger: bounds, canonical form, known schema; its id is over the bytes as given.
 * The members are not checked: full codecs run at the edges.
 * Fails with `record-too-large`, `record-schema`, `record-major`, and as {@link parseCanonical}.
 */
export const readLedgerRecord = (bytes: Uint8Array): E.Either<BimsError, ReadLedgerRecord> => {
  if (bytes.length > recordBounds.bytes) {
    return E.left(
      newError(
        'record-too-large',
        `The record has ${bytes.length} bytes; at most ${recordBounds.bytes} are taken.`,
        'Move its long arrays into attachments.'
      )
    )
  }
  const value = parseCanonical(bytes, recordBounds)
  if (E.isLeft(value)) return value
  const schema = isJsonObject(value.right) ? value.right['schema'] : undefined
  return E.map((kind: LedgerKind) => ({
    ref: { kind, id: idOf(bytes), schema: ledgerSchemas[kind] },
    value: value.right
  }))(ledgerKindOf(schema))
}

/** A record for the ledger from its canonical bytes. Fails as {@link readLedgerRecord}. */
export const newLedgerRecord = (bytes: Uint8Array): E.Either<BimsError, LedgerRecord> =>
  E.map(({ ref }: ReadLedgerRecord) => ({ ...ref, bytes }))(readLedgerRecord(bytes))
