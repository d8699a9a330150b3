import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { AcquisitionCodec, type Acquisition } from '../acquisition/acquisition.ts'
import { InstrumentCodec, type Instrument } from '../acquisition/instrument.ts'
import { newError, type BimsError } from '../errors.ts'
import { boundsProblem, canonicalBytes, idOf, parseCanonical, recordBounds } from '../json/canonical.ts'
import { decodeWith } from '../json/codec.ts'
import { checkValue } from '../json/domain.ts'
import { isJsonObject, toJson, type JsonValue } from '../json/value.ts'
import type { Macro } from '../macro/macro.ts'
import { MacroCodec } from '../macro/macro-codec.ts'
import { ManifestCodec, type Manifest } from './manifest.ts'

/** The records that have content of their own, by kind. */
export interface RecordByKind {
  readonly instrument: Instrument
  readonly acquisition: Acquisition
  readonly macro: Macro
  readonly image: Manifest
}

/** Kind of a record with content. */
export type RecordKind = keyof RecordByKind

/** Any record with content. */
export type BimsRecord = RecordByKind[RecordKind]

/** Schemas of the kinds, each `name/major`. */
export const recordSchemas: { readonly [K in RecordKind]: RecordByKind[K]['schema'] } = {
  instrument: 'bims.instrument/1',
  acquisition: 'bims.acquisition/1',
  macro: 'bims.macro/1',
  image: 'bims.manifest/1'
}

const codecs: { readonly [K in RecordKind]: t.Type<RecordByKind[K], unknown, unknown> } = {
  instrument: InstrumentCodec,
  acquisition: AcquisitionCodec,
  macro: MacroCodec,
  image: ManifestCodec
}

/** Tells whether a record was made to stay restricted: it then holds a salt. An instrument never is. */
export const isRestricted = (record: BimsRecord): boolean => 'salt' in record && record.salt !== undefined

/** A record with its id and the canonical bytes that the id is over. */
export interface SealedRecord<K extends RecordKind = RecordKind> {
  readonly kind: K
  readonly id: string
  readonly bytes: Uint8Array
  readonly record: RecordByKind[K]
}

const kinds: readonly RecordKind[] = ['instrument', 'acquisition', 'macro', 'image']

/** The kind that a schema belongs to. Fails with `record-major` for a newer major, `record-schema` for no schema of ours. */
export const kindOfSchema = (schema: unknown): E.Either<BimsError, RecordKind> => {
  const kind = kinds.find(candidate => recordSchemas[candidate] === schema)
  if (kind !== undefined) return E.right(kind)
  const name = typeof schema === 'string' ? schema.split('/')[0] : undefined
  const ours = kinds.find(candidate => recordSchemas[candidate].split('/')[0] === name)
  return E.left(
    ours !== undefined && /^[\w.]+\/[1-9]\d{0,8}$/.test(String(schema))
      ? newError(
          'record-major',
          `The record says ${String(schema)}; this program knows ${recordSchemas[ours]}.`,
          'Use a newer version of BIMS.'
        )
      : newError(
          'record-schema',
          `${schema === undefined ? 'Nothing' : JSON.stringify(schema).slice(0, 80)} is not the schema of a BIMS record.`,
          `Schemas are ${Object.values(recordSchemas).join(', ')}.`
        )
  )
}

const largenessOf = (kind: RecordKind, bytes: Uint8Array, advice: string): BimsError | undefined => {
  const problem = boundsProblem(bytes, recordBounds)
  return problem === undefined ? undefined : newError('record-too-large', `The ${kind} record ${problem}.`, advice)
}

/**
 * Seals a record: checks form and value domain, makes canonical bytes and id.
 * Fails with `record-schema`, `record-too-large`, `json-value`.
 */
export const sealRecord = <K extends RecordKind>(
  kind: K,
  record: RecordByKind[K]
): E.Either<BimsError, SealedRecord<K>> => {
  const checked = checkValue(toJson(record))
  if (E.isLeft(checked)) return checked
  const decoded = decodeWith(
    codecs[kind] as t.Type<RecordByKind[K], unknown, unknown>,
    `a record of kind ${kind}`
  )(record)
  if (E.isLeft(decoded)) return decoded
  const bytes = canonicalBytes(checked.right)
  const tooLarge = largenessOf(kind, bytes, 'Move its long arrays into attachments (spillRecord).')
  return tooLarge === undefined ? E.right({ kind, id: idOf(bytes), bytes, record }) : E.left(tooLarge)
}

/** Reads a record that was parsed as part of something canonical. Fails with `record-schema`, `record-major`, `record-too-large`. */
export const readRecordValue = (value: JsonValue): E.Either<BimsError, SealedRecord> => {
  const kind = kindOfSchema(isJsonObject(value) ? value['schema'] : undefined)
  if (E.isLeft(kind)) return kind
  const decoded: E.Either<BimsError, BimsRecord> = decodeWith<BimsRecord>(
    codecs[kind.right] as t.Type<BimsRecord, unknown, unknown>,
    `a record of kind ${kind.right}`
  )(value)
  if (E.isLeft(decoded)) return decoded
  const bytes = canonicalBytes(value)
  const tooLarge = largenessOf(kind.right, bytes, 'It was not made by BIMS.')
  return tooLarge === undefined
    ? E.right({ kind: kind.right, id: idOf(bytes), bytes, record: decoded.right })
    : E.left(tooLarge)
}

/** Parses a record's canonical bytes. Fails as {@link parseCanonical} and {@link readRecordValue}. */
export const parseRecord = (bytes: Uint8Array): E.Either<BimsError, SealedRecord> =>
  E.flatMap(readRecordValue)(parseCanonical(bytes, recordBounds))
