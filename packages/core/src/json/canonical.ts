import canonicalize from 'canonicalize'
import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'
import { sha256 } from '../hash/sha256.ts'
import { equalBytes, fromUtf8, toHex, utf8 } from './bytes.ts'
import { checkValue } from './domain.ts'
import type { JsonValue } from './value.ts'

/** Bounds within which JSON is parsed. */
export interface JsonBounds {
  /** Most bytes of the text. */
  readonly bytes: number
  /** Deepest nesting of arrays and objects. */
  readonly depth: number
}

/** 256 KiB, the most that a record takes; depth 64. */
export const recordBounds: JsonBounds = { bytes: 256 * 1024, depth: 64 }

/**
 * The canonical form of a value (RFC 8785) as UTF-8 bytes.
 * The value must lie in the value domain, which {@link checkValue} tells; what BIMS parses or builds always does.
 */
export const canonicalBytes = (value: JsonValue): Uint8Array => utf8(canonicalText(value))

/** The canonical form of a value (RFC 8785) as text. */
export const canonicalText = (value: JsonValue): string => canonicalize(value) ?? 'null'

/** The id of canonical bytes: `sha256:` and the lower-case hex of their SHA-256. */
export const idOf = (canonical: Uint8Array): string => `sha256:${toHex(sha256(canonical))}`

/** Depth of nesting by looking at brackets outside of strings, before any parser recurses into them. */
const deeperThan = (bytes: Uint8Array, depth: number): boolean => {
  let level = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x5b || c === 0x7b) {
      if (++level > depth) return true
    } else if (c === 0x5d || c === 0x7d) level--
  }
  return false
}

/**
 * Parses JSON within bounds. Fails with `json-bounds`, `json-syntax`, `json-value`.
 * The bytes need not be canonical: for those that must be, see {@link parseCanonical}.
 */
export const parseJson = (bytes: Uint8Array, bounds: JsonBounds): E.Either<BimsError, JsonValue> => {
  if (bytes.length > bounds.bytes) {
    return E.left(
      newError('json-bounds', `The JSON has ${bytes.length} bytes; at most ${bounds.bytes} are read.`, 'Check that this is the right file.')
    )
  }
  if (deeperThan(bytes, bounds.depth)) {
    return E.left(newError('json-bounds', `The JSON nests deeper than ${bounds.depth} levels.`, 'Check that this is the right file.'))
  }
  const text = fromUtf8(bytes)
  if (text === undefined) return E.left(newError('json-syntax', 'The bytes are not UTF-8.', 'Write JSON in UTF-8 without a byte order mark.'))
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (cause) {
    return E.left(newError('json-syntax', `This is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, 'Write valid JSON (RFC 8259).'))
  }
  return checkValue(value)
}

/**
 * Parses bytes that must be their own canonical form: records, manifests, bundles.
 * Fails as {@link parseJson} and with `json-not-canonical`, among others on repeated member names.
 */
export const parseCanonical = (bytes: Uint8Array, bounds: JsonBounds): E.Either<BimsError, JsonValue> =>
  E.flatMap((value: JsonValue) =>
    equalBytes(canonicalBytes(value), bytes)
      ? E.right(value)
      : E.left(
          newError(
            'json-not-canonical',
            'The bytes differ from their own canonical form (RFC 8785).',
            'They were changed or written by a program that does not canonicalise; get them again from their source.'
          )
        )
  )(parseJson(bytes, bounds))
