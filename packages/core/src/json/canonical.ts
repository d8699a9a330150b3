import canonicalize from 'canonicalize'
import * as E from 'fp-ts/lib/Either.js'
import { newError, type BimsError } from '../errors.ts'
import { sha256Hex } from '../hash/sha256.ts'
import { equalBytes, fromUtf8, utf8 } from './bytes.ts'
import { checkValue, isOrdered } from './domain.ts'
import type { JsonValue } from './value.ts'

/** Bounds within which JSON is parsed. */
export interface JsonBounds {
  /** Most bytes of the text. */
  readonly bytes: number
  /** Deepest nesting of arrays and objects. */
  readonly depth: number
  /** Most values and names in all; without it, what the bytes can hold. */
  readonly values?: number
}

/** 256 KiB, the most that a record takes; depth 64. */
export const recordBounds: JsonBounds = { bytes: 256 * 1024, depth: 64 }

/**
 * The canonical form of a value (RFC 8785) as UTF-8 bytes.
 * The value must lie in the value domain, which {@link checkValue} tells; what BIMS parses or builds always does.
 */
export const canonicalBytes = (value: JsonValue): Uint8Array => utf8(canonicalText(value))

/** The canonical form of a value (RFC 8785) as text. Where all members stand in order already, it is what JSON.stringify writes. */
export const canonicalText = (value: JsonValue): string =>
  isOrdered(value) ? JSON.stringify(value) : (canonicalize(value) ?? 'null')

/** The id of canonical bytes: `sha256:` and the lower-case hex of their SHA-256. */
export const idOf = (canonical: Uint8Array): string => `sha256:${sha256Hex(canonical)}`

/** Where the string that begins at a quotation mark ends: at its closing mark, or at the end of the bytes. */
const endOfString = (bytes: Uint8Array, start: number): number => {
  for (let i = start + 1; i < bytes.length; i++) {
    if (bytes[i] === 0x5c) i++
    else if (bytes[i] === 0x22) return i
  }
  return bytes.length
}

const byteTable = (entries: Readonly<Record<string, number>>): Int8Array => {
  const table = new Int8Array(256)
  for (const [character, value] of Object.entries(entries)) table[character.charCodeAt(0)] = value
  return table
}

/** What a byte outside of strings adds to the depth, and to the number of values and names. */
const [levels, counts] = [
  byteTable({ '[': 1, '{': 1, ']': -1, '}': -1 }),
  byteTable({ '[': 1, '{': 1, ',': 1, ':': 1 })
]

/**
 * What of a JSON text lies outside its bounds, or undefined. It looks at brackets, commas and colons outside of
 * strings, so that no parser recurses into them or makes values of them before.
 */
export const boundsProblem = (
  bytes: Uint8Array,
  { bytes: size, depth, values = Infinity }: JsonBounds
): string | undefined => {
  if (bytes.length > size) return `has ${bytes.length} bytes; at most ${size} are read`
  let [level, count] = [0, 1]
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i] ?? 0
    if (c === 0x22) i = endOfString(bytes, i)
    level += levels[c] ?? 0
    count += counts[c] ?? 0
    if (level > depth) return `nests deeper than ${depth} levels`
    if (count > values) return `holds more than ${values} values`
  }
  return undefined
}

/** The text of JSON within bounds, and what a parser makes of it. */
interface Parsed {
  readonly text: string
  readonly value: JsonValue
}

const parseText = (bytes: Uint8Array, bounds: JsonBounds): E.Either<BimsError, Parsed> => {
  const problem = boundsProblem(bytes, bounds)
  if (problem !== undefined)
    return E.left(newError('json-bounds', `The JSON ${problem}.`, 'Check that this is the right file.'))
  const text = fromUtf8(bytes)
  if (text === undefined)
    return E.left(newError('json-syntax', 'The bytes are not UTF-8.', 'Write JSON in UTF-8 without a byte order mark.'))
  try {
    // eslint-disable-next-line no-restricted-syntax -- inherent: what JSON.parse gives is a JSON value, the parser says `any`
    return E.right({ text, value: JSON.parse(text) as JsonValue })
  } catch (cause) {
    return E.left(
      newError(
        'json-syntax',
        `This is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
        'Write valid JSON (RFC 8259).'
      )
    )
  }
}

/**
 * Parses JSON within bounds. Fails with `json-bounds`, `json-syntax`, `json-value`.
 * The bytes need not be canonical: for those that must be, see {@link parseCanonical}.
 */
export const parseJson = (bytes: Uint8Array, bounds: JsonBounds): E.Either<BimsError, JsonValue> =>
  E.flatMap(({ value }: Parsed) => checkValue(value))(parseText(bytes, bounds))

// Where all members stand in order, JSON.stringify writes the canonical form (RFC 8785 takes numbers and strings as it writes them),
// several times as fast as a canonicaliser that sorts. It never calls canonical what is not: the text must be the same in the end, so
// that no number is but what it writes (-0 is not), and no text holds a lone surrogate, which only an escape can bring into UTF-8.
const isPlainlyCanonical = ({ text, value }: Parsed): boolean =>
  !text.includes('\\ud') && isOrdered(value) && JSON.stringify(value) === text

const compareCanonical = (bytes: Uint8Array, parsed: Parsed): E.Either<BimsError, JsonValue> =>
  isPlainlyCanonical(parsed)
    ? E.right(parsed.value)
    : E.flatMap((value: JsonValue) =>
        equalBytes(canonicalBytes(value), bytes)
          ? E.right(value)
          : E.left(
              newError(
                'json-not-canonical',
                'The bytes differ from their own canonical form (RFC 8785).',
                'They were changed or written by a program that does not canonicalise; get them again from their source.'
              )
            )
      )(checkValue(parsed.value))

/**
 * Parses bytes that must be their own canonical form: records, manifests, bundles.
 * Fails as {@link parseJson} and with `json-not-canonical`, among others on repeated member names.
 */
export const parseCanonical = (bytes: Uint8Array, bounds: JsonBounds): E.Either<BimsError, JsonValue> =>
  E.flatMap((parsed: Parsed) => compareCanonical(bytes, parsed))(parseText(bytes, bounds))
