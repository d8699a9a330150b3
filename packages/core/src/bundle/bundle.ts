import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { newError, type BimsError } from '../errors.ts'
import { canonicalBytes, parseCanonical, type JsonBounds } from '../json/canonical.ts'
import {
  Base64Codec,
  CountCodec,
  decodeWith,
  JsonValueCodec,
  listCodec,
  SaltCodec,
  Sha256IdCodec
} from '../json/codec.ts'
import { isJsonArray, isJsonObject, toJson, type JsonValue } from '../json/value.ts'
import type { Opening } from '../json/withheld.ts'
import { ManifestCodec, type Manifest } from './manifest.ts'
import { kindOfSchema, readRecordValue, type BimsRecord, type SealedRecord } from './record.ts'

/** An attachment that a record of the bundle names by digest; one that stays with its owner has no entry. */
export interface BundledAttachment {
  readonly digest: string
  /** 16 random bytes, base64. */
  readonly salt: string
  /** base64; absent where the record's `at` says that they stand in the image file. */
  readonly bytes?: string
}

/** A signature over a manifest or a record of the bundle (DSSE pre-authentication encoding). */
export interface Signature {
  /** Id of what is signed. */
  readonly over: string
  readonly algorithm: 'ecdsa-p256-sha256'
  /** DER, base64, leaf first, without the root. */
  readonly certificates: readonly string[]
  /** DER, low-S, base64. */
  readonly signature: string
  /** RFC 3161 token, base64. */
  readonly timestamp?: string
}

/** What is embedded in an image file (`bims.bundle/1`). */
export interface Bundle {
  readonly schema: 'bims.bundle/1'
  readonly manifest: Manifest
  /** Sorted by id; each the record whole or only its id. */
  readonly records: readonly (BimsRecord | string)[]
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
  /** The container's undo: the file's length and first directory before anything was embedded. */
  readonly original?: { readonly length: number; readonly firstDirectory: number }
  readonly receipts: readonly JsonValue[]
  readonly signatures: readonly Signature[]
}

/** Bounds of a bundle and of JSON in an attachment: 256 MiB, 4 million values, depth 72: that of a record and what is around it. */
export const bundleBounds: JsonBounds = { bytes: 256 * 1024 * 1024, depth: 72, values: 4_000_000 }

const RecordOrIdCodec: t.Type<BimsRecord | string, unknown, unknown> = new t.Type<
  BimsRecord | string,
  unknown,
  unknown
>(
  'record or id',
  (u): u is BimsRecord | string => typeof u === 'string' || (typeof u === 'object' && u !== null),
  (u, context) => {
    if (typeof u === 'string') return E.map<string, BimsRecord | string>(id => id)(Sha256IdCodec.validate(u, context))
    if (typeof u !== 'object' || u === null) return t.failure(u, context)
    const sealed = readRecordValue(toJson(u))
    return E.isLeft(sealed) ? t.failure(u, context, sealed.left.what) : t.success(sealed.right.record)
  },
  record => record
)

/** Codec of {@link Bundle}. */
export const BundleCodec: t.Type<Bundle, unknown, unknown> = t.intersection(
  [
    t.type({
      schema: t.literal('bims.bundle/1'),
      manifest: ManifestCodec,
      records: listCodec(RecordOrIdCodec),
      attachments: listCodec(
        t.intersection([t.type({ digest: Sha256IdCodec, salt: SaltCodec }), t.partial({ bytes: Base64Codec })])
      )
    }),
    t.type({
      openings: listCodec(t.type({ withheld: Sha256IdCodec, salt: SaltCodec, value: JsonValueCodec })),
      receipts: listCodec(JsonValueCodec),
      signatures: listCodec(
        t.intersection([
          t.type({
            over: Sha256IdCodec,
            algorithm: t.literal('ecdsa-p256-sha256'),
            certificates: listCodec(Base64Codec),
            signature: Base64Codec
          }),
          t.partial({ timestamp: Base64Codec })
        ])
      )
    }),
    t.partial({ original: t.type({ length: CountCodec, firstDirectory: CountCodec }) })
  ],
  'Bundle'
)

/** A bundle with its manifest and records sealed. */
export interface ReadBundle {
  readonly bundle: Bundle
  readonly manifest: SealedRecord
  /** The records that the bundle holds whole. */
  readonly records: readonly SealedRecord[]
}

const foreign = (what: string, advice = 'The file was not saved by BIMS, or its bundle was damaged.'): BimsError =>
  newError('bundle-foreign', what, advice)

const schemaOf = (value: JsonValue | undefined): JsonValue | undefined =>
  isJsonObject(value) ? value['schema'] : undefined

/** A record or manifest of a major version that is not known, before its form is looked at. */
const newerMajor = (bundle: JsonValue): BimsError | undefined => {
  const { manifest, records } = isJsonObject(bundle) ? bundle : {}
  const all: readonly (JsonValue | undefined)[] = isJsonArray(records) ? [manifest, ...records] : [manifest]
  for (const record of all) {
    const kind = kindOfSchema(schemaOf(record))
    if (E.isLeft(kind) && kind.left.code === 'record-major') return kind.left
  }
  return undefined
}

const checkSchema = (value: JsonValue): E.Either<BimsError, JsonValue> => {
  const schema = schemaOf(value)
  if (schema === 'bims.bundle/1') {
    const newer = newerMajor(value)
    return newer === undefined ? E.right(value) : E.left(newer)
  }
  return E.left(
    typeof schema === 'string' && /^bims\.bundle\/[1-9]\d{0,8}$/.test(schema)
      ? newError(
          'record-major',
          `The bundle says ${schema}; this program knows bims.bundle/1.`,
          'Use a newer version of BIMS.'
        )
      : foreign(
          `What stands in the place of the bundle has ${schema === undefined ? 'no schema' : `the schema ${JSON.stringify(schema).slice(0, 80)}`}.`
        )
  )
}

/** A record of a bundle with its id; without more where only the id is there. */
const sealEntry = (
  record: BimsRecord | string
): E.Either<BimsError, { readonly id: string; readonly sealed?: SealedRecord }> =>
  typeof record === 'string'
    ? E.right({ id: record })
    : E.map((sealed: SealedRecord) => ({ id: sealed.id, sealed }))(readRecordValue(toJson(record)))

const sealAll = (bundle: Bundle): E.Either<BimsError, ReadBundle> => {
  const manifest = readRecordValue(toJson(bundle.manifest))
  if (E.isLeft(manifest)) return manifest
  const records: SealedRecord[] = []
  let before = ''
  for (const record of bundle.records) {
    const entry = sealEntry(record)
    if (E.isLeft(entry)) return entry
    const { id, sealed } = entry.right
    if (id <= before)
      return E.left(
        newError(
          'record-schema',
          `The records of the bundle are not sorted by id, each once: ${id} follows ${before}.`,
          'Write them sorted.'
        )
      )
    before = id
    if (sealed !== undefined) records.push(sealed)
  }
  return E.right({ bundle, manifest: manifest.right, records })
}

/**
 * Reads an embedded bundle. Members of later minor versions are kept.
 * Fails with `bundle-foreign`, `record-major`, `json-not-canonical`, `record-schema`.
 */
export const parseBundle = (bytes: Uint8Array): E.Either<BimsError, ReadBundle> => {
  const value = E.mapLeft((error: BimsError) =>
    error.code === 'json-syntax' ? foreign('What stands in the place of the bundle is not JSON.') : error
  )(parseCanonical(bytes, bundleBounds))
  return E.flatMap(sealAll)(E.flatMap(decodeWith(BundleCodec, 'a BIMS bundle'))(E.flatMap(checkSchema)(value)))
}

/** What a new bundle is made of. */
export interface BundleParts {
  readonly manifest: SealedRecord<'image'>
  readonly records: readonly (SealedRecord | string)[]
  readonly attachments?: readonly BundledAttachment[]
  readonly openings?: readonly Opening[]
  readonly receipts?: readonly JsonValue[]
  readonly signatures?: readonly Signature[]
}

/** Puts a bundle together; records are sorted by id, each once. */
export const newBundle = (parts: BundleParts): Bundle => {
  const byId = new Map<string, BimsRecord | string>()
  for (const record of parts.records) {
    if (typeof record !== 'string') byId.set(record.id, record.record)
    else if (!byId.has(record)) byId.set(record, record)
  }
  return {
    schema: 'bims.bundle/1',
    manifest: parts.manifest.record,
    records: [...byId].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, record]) => record),
    attachments: parts.attachments ?? [],
    openings: parts.openings ?? [],
    receipts: parts.receipts ?? [],
    signatures: parts.signatures ?? []
  }
}

/** Canonical bytes of a bundle, with the container's undo where it has one. */
export const bundleBytes = (bundle: Bundle, original?: Bundle['original']): Uint8Array =>
  canonicalBytes(toJson(original === undefined ? bundle : { ...bundle, original }))
